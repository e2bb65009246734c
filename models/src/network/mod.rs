//! The engine that runs the face networks: what their two graphs need of ONNX, and no more.
//!
//! Measured beside OpenCV's DNN, ONNX Runtime, rten and tract on the same weights (`models/README.md`
//! has the figures) it is the quickest, because channels lie side by side, weights are laid out
//! once for the loops that use them, each convolution has its batch normalisation folded in
//! beforehand, and its rectifier is applied while the result is still in the cache. Weights are never changed after loading, so several lanes run one network at a time.

mod depthwise;
mod kernels;
mod layers;
mod plan;

pub(crate) use layers::Map;

use crate::{Card, Folder, ModelError};
use plan::Plan;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroize;

/// A loaded network.
pub(crate) struct Network {
    id: String,
    plan: Plan,
    /// Working memory of runs that have ended, for the next ones.
    idle: Mutex<Vec<Vec<Map>>>,
}

impl Network {
    /// Loads the weights that a card names; `outputs` are fetched by every run, in this order.
    pub(crate) fn load(folder: &Folder, card: &Card, outputs: &[&str]) -> Result<Self, ModelError> {
        // The very bytes whose digest was checked are the ones that are parsed.
        let bytes = folder.read(card)?;
        let plan = Plan::of(&bytes, outputs).map_err(|reason| ModelError::Refused {
            id: card.id.clone(),
            reason,
        })?;
        Ok(Self {
            id: card.id.clone(),
            plan,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Runs the network over a map (row by row, the channels of a pixel side by side) and gives the
    /// named outputs, flat, in the same order.
    pub(crate) fn run(&self, input: &Map) -> Result<Vec<Vec<f32>>, ModelError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = idle().pop().unwrap_or_default();
        let answer = self.plan.run(input, &mut memory);
        // What is left there describes a face: it is wiped before it waits for the next traveller.
        for map in &mut memory {
            map.data.as_mut_slice().zeroize();
        }
        idle().push(memory);
        answer.map_err(|reason| ModelError::BrokeOff {
            id: self.id.clone(),
            reason,
        })
    }
}

#[cfg(test)]
mod tests;
