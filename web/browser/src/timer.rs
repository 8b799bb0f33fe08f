//! Timers and animation frames.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

use crate::window;

/// Calls a function once, after a time. Cancelled when it is dropped.
pub struct Timeout {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Calls `callback` after this time.
    ///
    /// # Panics
    ///
    /// Never: a browser takes any function.
    pub fn new(milliseconds: i32, callback: impl FnMut() + 'static) -> Self {
        Self::boxed(milliseconds, Box::new(callback))
    }

    /// Every callback shares this code.
    fn boxed(milliseconds: i32, callback: Box<dyn FnMut()>) -> Self {
        let callback = Closure::wrap(callback);
        let id = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                milliseconds,
            )
            .expect("setTimeout takes any function");
        Self { id, _callback: callback }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}

/// Calls a function at regular times until it is dropped.
pub struct Interval {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Interval {
    /// Calls `callback` each time that this time has passed.
    ///
    /// # Panics
    ///
    /// Never: a browser takes any function.
    pub fn new(milliseconds: i32, callback: impl FnMut() + 'static) -> Self {
        Self::boxed(milliseconds, Box::new(callback))
    }

    /// Every callback shares this code.
    fn boxed(milliseconds: i32, callback: Box<dyn FnMut()>) -> Self {
        let callback = Closure::wrap(callback);
        let id = window()
            .set_interval_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                milliseconds,
            )
            .expect("setInterval takes any function");
        Self { id, _callback: callback }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.id);
    }
}

/// Calls a function once before the next frame, even if it is requested several times.
pub struct Frame {
    callback: Closure<dyn FnMut()>,
    pending: std::cell::Cell<Option<i32>>,
}

impl Frame {
    /// Calls `callback` when it is requested.
    pub fn new(callback: impl FnMut() + 'static) -> Self {
        Self { callback: Closure::new(callback), pending: std::cell::Cell::new(None) }
    }

    /// Requests a call before the next frame.
    ///
    /// # Panics
    ///
    /// Never: a browser takes any function.
    pub fn request(&self) {
        if self.pending.get().is_none() {
            let callback = self.callback.as_ref().unchecked_ref();
            let id = window()
                .request_animation_frame(callback)
                .expect("requestAnimationFrame takes any function");
            self.pending.set(Some(id));
        }
    }

    /// The callback must call this first. Later requests are then for the next frame.
    pub fn begin(&self) {
        self.pending.set(None);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Some(id) = self.pending.get() {
            // It is not an error to cancel a frame that is over (HTML, cancelAnimationFrame).
            let _ = window().cancel_animation_frame(id);
        }
    }
}
