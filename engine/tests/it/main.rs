//! The engine, and what the lab makes of the traces that it records.

mod ladder;
mod protocol;
mod saved_file;
mod simulated_kernel;
mod timeline;
