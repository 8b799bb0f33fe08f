//! Listeners for changes of an element's size.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Observes the sizes of elements. Stops when it is dropped.
pub(crate) struct ResizeListener {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl ResizeListener {
    /// Calls `callback` when the size of one of `elements` changes, and once at the start.
    pub(crate) fn new(elements: &[Element], callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref())
            .expect("a ResizeObserver takes any function");
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
