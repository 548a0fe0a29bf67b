//! Which areas are the stacks of threads.

use std::collections::BTreeMap;

use crate::{Checkpoint, Pid, Tid, Vaddr};

impl Checkpoint {
    /// The areas of a process that stack pointers of its threads are in: by their starts, with the threads by rising number.
    /// The kernel names the stack of the first thread alone; a thread may also stand on a stack of its own making, as a
    /// signal handler or a coroutine does. Source: registers in `core-TID.img`.
    pub fn stacks(&self, pid: Pid) -> BTreeMap<Vaddr, Vec<Tid>> {
        let mut stacks: BTreeMap<Vaddr, Vec<Tid>> = BTreeMap::new();
        let (Some(process), Ok(memory)) = (self.process(pid), self.memory(pid)) else { return stacks };
        for thread in &process.threads {
            let Some(registers) = &thread.registers else { continue };
            // A stack that was never pushed to has its pointer at its end.
            let pointer = registers.stack_pointer();
            let area = memory.area_at(pointer).or_else(|| memory.area_at(Vaddr(pointer.0.checked_sub(1)?)));
            if let Some(area) = area {
                stacks.entry(area.start).or_default().push(thread.tid);
            }
        }
        stacks
    }
}
