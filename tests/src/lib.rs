//! The whole appliance, simulated, and everything that crosses rooms.
//!
//! **For**: Utopia, the made-up state whose documents, travellers and photographs every test and demo
//! uses ([`utopia`]); the appliance as installed, its real programs on real files and sockets
//! ([`whole`]).
//!
//! **May touch**: every room.

pub mod utopia;
pub mod whole;
