//! Reading of files that the user chose.

use framescope_lab::{MAX_TEXT, OutOfBounds};
use framescope_page::state::Problem;
use framescope_page::text::source::encoding_of;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement, TextDecoder, TextDecoderOptions};

/// The largest file that is read, in bytes: 256 MiB. Every trace and every recording is smaller.
const MAX_FILE: f64 = 256.0 * 1024.0 * 1024.0;
/// The largest file of a program that is read, in bytes. In any encoding, a larger one is over the bound of a text.
#[expect(clippy::cast_precision_loss, reason = "it is small")]
const MAX_PROGRAM_FILE: f64 = 4.0 * MAX_TEXT as f64;

/// The file that was chosen in `input`. `None` if there is none, or if it is too long.
pub(super) fn take_chosen(input: &HtmlInputElement) -> Option<File> {
    let file = input.files()?.item(0)?;
    // Clear the input. Otherwise there is no event when the user chooses the same file again.
    input.set_value("");
    (file.size() <= MAX_FILE).then_some(file)
}

/// The name and the text of the program that was chosen in `input`, with ends of lines as on Linux. `None` if there is
/// none. The error says why it cannot be the text of the program with this index.
pub(crate) async fn read_program(
    input: HtmlInputElement,
    program: usize,
) -> Option<Result<(String, String), Problem>> {
    let file = input.files()?.item(0)?;
    input.set_value("");
    if file.size() > MAX_PROGRAM_FILE {
        return Some(Err(Problem::Programs(OutOfBounds::Text(program))));
    }
    let Ok(bytes) = JsFuture::from(file.array_buffer()).await else {
        return Some(Err(Problem::Unreadable));
    };
    let bytes = Uint8Array::new(&bytes).to_vec();
    let encoding = encoding_of(&bytes);
    let options = TextDecoderOptions::new();
    options.set_fatal(true);
    let decoder = TextDecoder::new_with_label_and_options(&encoding, &options);
    let text = decoder.and_then(|decoder| decoder.decode_with_u8_array(&bytes));
    Some(match text {
        Ok(text) => Ok((file.name(), text.replace("\r\n", "\n"))),
        Err(_) => Err(Problem::Encoding(encoding)),
    })
}
