//! The program `mpaka`. Everything is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    post::cli::run()
}
