//! The engine of takeback: archives what tools keep on disk and puts it back safely.
pub mod adapters;
pub mod archive;
pub mod backup;
pub mod fs;
pub mod model;
pub mod restore;
pub mod scan;
pub mod vault;
