//! A network in OpenCV's DNN engine, on one thread.

use crate::{Card, Folder, ModelError};
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, Scalar, Vector};
use opencv::dnn::{Net, NetTrait, read_net_from_onnx_buffer};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Keeps OpenCV to the calling thread: lanes run side by side, and a box has few cores. Set once,
/// before the first network: changing it while another thread is inside OpenCV can block both.
fn one_thread() -> Result<(), opencv::Error> {
    static DONE: OnceLock<Result<(), (i32, String)>> = OnceLock::new();
    DONE.get_or_init(|| opencv::core::set_num_threads(1).map_err(|e| (e.code, e.message)))
        .clone()
        .map_err(|(code, message)| opencv::Error::new(code, message))
}

/// A loaded network. Calls from several threads wait for each other.
pub(crate) struct Network {
    id: String,
    outputs: Vector<String>,
    net: Mutex<Net>,
}

impl Network {
    /// Loads the weights that a card names; `outputs` are fetched by every run, in this order.
    pub(crate) fn load(folder: &Folder, card: &Card, outputs: &[&str]) -> Result<Self, ModelError> {
        // The very bytes whose digest was checked are the ones that are parsed.
        let weights = Vector::from_slice(&folder.read(card)?);
        let refused = |e: opencv::Error| ModelError::Refused {
            id: card.id.clone(),
            reason: e.message,
        };
        one_thread().map_err(refused)?;
        Ok(Self {
            id: card.id.clone(),
            outputs: outputs.iter().copied().collect(),
            net: Mutex::new(read_net_from_onnx_buffer(&weights).map_err(refused)?),
        })
    }

    /// Runs the network over `planes` (three planes of `height` rows of `width` values) and gives
    /// the named outputs, flat.
    pub(crate) fn run(
        &self,
        planes: &[f32],
        width: usize,
        height: usize,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        self.forward(planes, width, height)
            .map_err(|e| ModelError::BrokeOff {
                id: self.id.clone(),
                reason: e.message,
            })
    }

    fn forward(
        &self,
        planes: &[f32],
        width: usize,
        height: usize,
    ) -> Result<Vec<Vec<f32>>, opencv::Error> {
        let sizes = [1, 3, i32::try_from(height)?, i32::try_from(width)?];
        let blob = Mat::new_nd_with_data(&sizes, planes)?;
        let mut out = Vector::<Mat>::new();
        // A run that panicked half-way leaves no state that the next run would read.
        let mut net = self.net.lock().unwrap_or_else(PoisonError::into_inner);
        net.set_input(&blob, "", 1.0, Scalar::default())?;
        net.forward(&mut out, &self.outputs)?;
        // The outputs lie in the network's own memory, which the next run overwrites: they are
        // copied before the lock is given up, or one lane would read another's traveller.
        let copies = out
            .iter()
            .map(|mat| {
                let mat = if mat.is_continuous() {
                    mat
                } else {
                    mat.try_clone()?
                };
                Ok(mat.data_typed::<f32>()?.to_vec())
            })
            .collect();
        drop(net);
        copies
    }
}
