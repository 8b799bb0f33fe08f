//! Being told when an element's size changes.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Watches elements; stops when dropped.
pub(crate) struct ResizeListener {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl ResizeListener {
    /// Calls `callback` when one of `elements` has another size, and once at the start.
    pub(crate) fn new(elements: &[Element], callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref())
            .expect("a function is a callback");
        for element in elements {
            observer.observe(element);
        }
        Self { observer, _callback: callback }
    }
}

impl Drop for ResizeListener {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
