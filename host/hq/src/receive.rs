//! Where boxes send their parcels.
//!
//! `POST /v1/parcels` takes one batch of one post's sealed parcels (CBOR, at most
//! [`seal::parcel::BATCH_LIMIT`] bytes) and answers with a signed cumulative receipt, given only after the
//! parcels are on the medium. With the headers `upload-id` (32 hexadecimal digits), `upload-offset` and
//! `upload-length` the batch may come in pieces; `GET /v1/uploads/ID` tells how much of it is here.
//! `POST /v1/contact` takes a box's checkpoint ([`seal::checkpoint`]) and answers with a lease, a
//! counter-signature, and headquarters' newer keys. `GET /v1/health` answers `ok` where the database does.
//! What is refused is answered with JSON `{"error": NAME, "detail": TEXT}`, and `retry-after` where the same
//! may be asked again later:
//!
//! | status | error | |
//! |---|---|---|
//! | 400 | `malformed` | no batch of parcels |
//! | 400 | `mixed_posts` | parcels of two posts in one batch |
//! | 400 | `bad_signature` | a parcel that the enrolled box did not sign |
//! | 403 | `unknown_post` | the post is not enrolled |
//! | 403 | `revoked` | its box has been revoked: stolen, lost or broken into |
//! | 403 | `another_box` | the certificate is not that of the post's box |
//! | 403 | `retired` | its box is out of service: it may send, and gets no lease |
//! | 408 | `too_slow` | the body stalled |
//! | 409 | `conflict` | another parcel stands under this number; it stays, the new one is noted and refused |
//! | 409 | `offset` | the upload stands elsewhere than where this piece begins |
//! | 409 | `ledger_disputed` | a checkpoint that does not go on from what was seen: cut off, changed or restored |
//! | 413 | `too_large` | |
//! | 421 | `another_headquarters` | sealed to a key that is not ours |
//! | 429 | `too_often` | the box asks for more than its share |
//! | 503 | `busy` | too many at once; send again |
//! | 503 | `not_stored` | the database failed; send again |

mod by_code;
mod desk;
mod limits;
mod server;
mod spool;
mod stick;

pub use crate::listening::Access;
pub use by_code::{AdmitOrder, serve_admissions};
pub use limits::Allowance;
pub use server::{ReceiveOrder, serve};
pub use stick::{TakenFromStick, take_from_stick};
