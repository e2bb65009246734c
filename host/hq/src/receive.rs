//! Where boxes send their parcels.
//!
//! `POST /v1/parcels` takes one batch of one post's sealed parcels (CBOR, at most
//! [`seal::parcel::BATCH_LIMIT`] bytes) and answers with a signed cumulative receipt, given only after the
//! parcels are on the medium. `GET /v1/health` answers `ok`. What is refused is answered with JSON
//! `{"error": NAME, "detail": TEXT}`:
//!
//! | status | error | |
//! |---|---|---|
//! | 400 | `malformed` | no batch of parcels |
//! | 400 | `mixed_posts` | parcels of two posts in one batch |
//! | 400 | `bad_signature` | a parcel that the enrolled box did not sign |
//! | 403 | `unknown_post` | the post is not enrolled |
//! | 408 | `too_slow` | the body stalled |
//! | 409 | `conflict` | another parcel stands under this number; it stays, the new one is noted and refused |
//! | 413 | `too_large` | |
//! | 421 | `another_headquarters` | sealed to a key that is not ours |
//! | 503 | `not_stored` | the database failed; send again |

mod parcels;
mod server;

pub use parcels::{Held, PARCELS_LAYOUT, ParcelStore, Refused, Taken};
pub use server::{ReceiveOrder, serve};
