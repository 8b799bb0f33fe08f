//! Timers and frames.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

use super::window;

/// Something that happens once, after a while, unless dropped before.
pub(crate) struct Timeout {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timeout {
    pub(crate) fn new(milliseconds: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let id = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                milliseconds,
            )
            .expect("a function can be called later");
        Self { id, _callback: callback }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}

/// Something that happens again and again, until dropped.
pub(crate) struct Interval {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Interval {
    pub(crate) fn new(milliseconds: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let id = window()
            .set_interval_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                milliseconds,
            )
            .expect("a function can be called again and again");
        Self { id, _callback: callback }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.id);
    }
}

/// Something that happens before the browser next paints, however often it is asked for.
pub(crate) struct Frame {
    callback: Closure<dyn FnMut()>,
    pending: std::cell::Cell<Option<i32>>,
}

impl Frame {
    pub(crate) fn new(callback: impl FnMut() + 'static) -> Self {
        Self { callback: Closure::new(callback), pending: std::cell::Cell::new(None) }
    }

    pub(crate) fn request(&self) {
        if self.pending.get().is_none() {
            let callback = self.callback.as_ref().unchecked_ref();
            let id = window().request_animation_frame(callback).expect("a window has frames");
            self.pending.set(Some(id));
        }
    }

    /// To be called by the callback: the next request is for the frame after this one.
    pub(crate) fn begin(&self) {
        self.pending.set(None);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Some(id) = self.pending.get() {
            // Cancelling a frame that is over is no error (HTML, cancelAnimationFrame).
            let _ = window().cancel_animation_frame(id);
        }
    }
}
