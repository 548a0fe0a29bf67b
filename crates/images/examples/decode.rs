//! Prints an image as crit would: `decode FILE…`. Behind `--pretty` in crit's pretty form, behind `--filters`
//! the seccomp filters of `seccomp.img`, read.
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use icecore_images::Image;
use icecore_images::json::{self, Form};
use icecore_images::messages::SeccompEntry;
use icecore_images::raw::seccomp;

fn main() -> Result<(), Box<dyn Error>> {
    let mut form = Some(Form::COMPACT);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--pretty" => form = Some(Form::PRETTY),
            "--filters" => form = None,
            path => {
                let bytes = std::fs::read(path)?;
                let image = Image::parse(path, &bytes)?;
                match form {
                    Some(form) => println!("{}", json::to_string(&image, form)),
                    None => print_filters(&image)?,
                }
            }
        }
    }
    Ok(())
}

fn print_filters(image: &Image<'_>) -> Result<(), Box<dyn Error>> {
    for record in image.records::<SeccompEntry>() {
        for (index, filter) in record?.message.seccomp_filters.iter().enumerate() {
            println!("filter {index}, installed after {:?}", filter.prev);
            for line in seccomp::disassemble(&filter.filter, image.byte_order(), None) {
                println!("  {line}");
            }
        }
    }
    Ok(())
}
