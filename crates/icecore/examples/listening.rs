//! Prints every process with its listening sockets.

use icecore::Checkpoint;

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: listening ARCHIVE")?;
    let checkpoint = Checkpoint::open(path)?;
    for process in checkpoint.processes() {
        for (fd, socket) in
            checkpoint.files().sockets_of(process.pid).filter(|(_, socket)| socket.is_listening())
        {
            let (Some(comm), Some(local)) = (&process.comm, &socket.local) else { continue };
            println!("{} {comm} listens on {local} (fd {fd})", process.pid);
        }
    }
    Ok(())
}
