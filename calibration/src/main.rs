//! The program `mpaka-calibrate`. Everything is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    calibration::cli::run()
}
