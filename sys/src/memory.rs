//! Giving memory back to the system.

/// Gives the pages that the allocator holds and nobody uses back to the system, `malloc_trim`(3). It takes
/// milliseconds for each hundred megabytes, in which threads that allocate may wait.
pub fn give_back_memory() {
    // SAFETY: it takes a number of bytes to keep, and touches nothing but free memory.
    unsafe {
        libc::malloc_trim(0);
    }
}
