//! Being told to stop: by an interrupt from the keyboard, or by the system.

use crate::error::PostError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// Resolves when the program is told to stop. To be called within a runtime.
pub(super) fn told_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, PostError> {
    let system = |e: std::io::Error| PostError::System(e.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// For a program that works step by step and looks between two steps whether it may go on.
#[derive(Debug, Clone)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, PostError> {
        let system = |e: std::io::Error| PostError::System(e.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(system)?;
        let told = {
            let _inside = runtime.enter();
            told_to_stop()?
        };
        let stop = Self(Arc::new(AtomicBool::new(false)));
        let theirs = stop.clone();
        std::thread::Builder::new()
            .name("stop".into())
            .spawn(move || {
                runtime.block_on(told);
                theirs.0.store(true, Ordering::Relaxed);
            })
            .map_err(system)?;
        Ok(stop)
    }

    /// Whether it was told to stop.
    pub(super) fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
