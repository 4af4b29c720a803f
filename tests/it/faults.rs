//! What a restore leaves behind when it is killed, when calls fail, and when others write
//! to the same files meanwhile: at every single system call that changes a file.

mod backups;
mod errors;
mod guarded;
mod injector;
mod judge;
mod kills;
mod races;
mod scene;
mod sweep;
mod vault;
