//! The engine of takeback: archives what tools keep on disk and puts it back safely.
pub mod model;
pub mod fs;
pub mod adapters;
pub mod archive;
pub mod scan;
pub mod vault;
pub mod backup;
pub mod restore;
