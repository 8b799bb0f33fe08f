//! Tests of the engine, and of what the lab derives from the engine's traces.

mod ladder;
mod protocol;
mod saved_file;
mod simulated_kernel;
mod timeline;
