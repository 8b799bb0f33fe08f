//! Drawings as files.

use framescope_page::effect::PictureFormat;
use framescope_page::screen::drawing::{Drawing, svg};
use framescope_page::state::Theme;
use js_sys::{Promise, encode_uri_component};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement};

use super::{document, download, element, fetch_text};

/// The pixels of a PNG for each pixel of the drawing.
const SCALE: f64 = 2.0;

/// Offers a drawing to the user as a file with this name.
pub(crate) async fn download_picture(
    name: &str,
    drawing: &Drawing,
    format: PictureFormat,
    theme: Theme,
) -> Result<(), JsValue> {
    let (_, style) = fetch_text("picture.css").await?;
    let defs = element::<Element>("picture-defs").outer_html();
    let text = svg(drawing, theme, &defs, &style);
    match format {
        PictureFormat::Svg => download(name, "image/svg+xml", &text.into()),
        PictureFormat::Png => {
            let size = (f64::from(drawing.width), f64::from(drawing.height));
            download(name, "image/png", &pixels(&text, size).await?);
        }
    }
    Ok(())
}

/// An SVG as a PNG, in a Blob.
async fn pixels(svg: &str, (width, height): (f64, f64)) -> Result<JsValue, JsValue> {
    let image = HtmlImageElement::new()?;
    let encoded = String::from(encode_uri_component(svg));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{encoded}"));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small")]
    let pixels = |size: f64| (size * SCALE).ceil() as u32;
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let context = canvas.get_context("2d")?.ok_or("there is no canvas")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(
        &image,
        0.0,
        0.0,
        width * SCALE,
        height * SCALE,
    )?;
    let blob = Promise::new(&mut |resolve, reject| {
        let given = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        if let Err(error) = canvas.to_blob(given.unchecked_ref()) {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    let blob = JsFuture::from(blob).await?;
    if blob.is_null() { Err("the picture is too large".into()) } else { Ok(blob) }
}
