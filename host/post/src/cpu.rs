//! Processor time, for figures that do not depend on what else the machine does.

use rustix::time::{ClockId, clock_gettime};

/// Measures the processor time that this process uses, all its threads together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuClock {
    start_ms: f64,
}

impl CpuClock {
    /// Starts measuring.
    pub(crate) fn start() -> Self {
        Self {
            start_ms: process_ms(),
        }
    }

    /// Milliseconds of processor time since the start, to a hundredth.
    pub(crate) fn ms(self) -> f64 {
        ((process_ms() - self.start_ms) * 100.0).round() / 100.0
    }
}

fn process_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
