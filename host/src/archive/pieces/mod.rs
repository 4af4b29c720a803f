//! What the inside of an archive is made of: pieces that are compressed, checked and copied
//! on their own, and that put one behind the other are one ordinary gzip member.

mod cut;
mod pack;
mod pool;

pub(super) use cut::{Cutter, PART, is_large};
pub use pack::Level;
pub(super) use pack::{ENDING, GZIP_HEADER, Packed, Packer, TRAILER_BYTES, trailer, unpack};
pub(super) use pool::Pool;
