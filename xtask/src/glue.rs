//! The JavaScript that wasm-bindgen puts between a wasm module and the browser, made small.
//!
//! What the two call each other ends with a hash of sixteen digits, which no compression makes shorter, and each name
//! is in both files. So the names are numbered. Comments and indentation are left out.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Output;

/// Writes the files of a module.
pub(crate) fn emit(mut output: Output, folder: &Path, name: &str) -> anyhow::Result<()> {
    let mut names = HashMap::new();
    let module = output.wasm_mut();
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    // The other exports are called by those who load the module.
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let exports = exports.filter(|name| name.starts_with("wasm_bindgen__"));
    for (number, long) in imports.chain(exports).enumerate() {
        let short = format!("_{number}");
        names.insert(std::mem::replace(long, short.clone()), short);
    }
    output.emit(folder).with_context(|| format!("{name} cannot be written"))?;
    let path = folder.join(name).with_extension("js");
    let script = fs::read_to_string(&path)?;
    fs::write(&path, bare(&renamed(&script, &names)))?;
    Ok(())
}

/// The JavaScript without indentation and without lines of comments. A line of wasm-bindgen's code never begins with
/// a star.
fn bare(script: &str) -> String {
    let is_code = |line: &&str| {
        !line.is_empty()
            && !line.starts_with("//")
            && !line.starts_with("/**")
            && !line.starts_with('*')
    };
    script.lines().map(str::trim_start).filter(is_code).flat_map(|line| [line, "\n"]).collect()
}

/// The JavaScript, with the names replaced.
fn renamed(script: &str, names: &HashMap<String, String>) -> String {
    let is_in_name =
        |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    let mut renamed = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(is_in_name) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character| !is_in_name(character)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        renamed.push_str(before);
        renamed.push_str(names.get(name).map_or(name, |short| short));
        rest = after;
    }
    renamed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_are_left_out() {
        let script = "/**\n * It logs.\n */\nfunction log(a) {\n    // Now.\n    return a * 2; // twice\n}\n\n";
        assert_eq!(bare(script), "function log(a) {\nreturn a * 2; // twice\n}\n");
    }

    #[test]
    fn whole_names_are_replaced_and_nothing_else() {
        let names = HashMap::from([("__wbg_log_0a".to_owned(), "_0".to_owned())]);
        let script = "__wbg_log_0a: function(a$) { wasm.__wbg_log_0ab('é'); }\n__wbg_log_0a";
        let wanted = "_0: function(a$) { wasm.__wbg_log_0ab('é'); }\n_0";
        assert_eq!(renamed(script, &names), wanted);
    }
}
