//! Finds paths in the tokens of a macro call. Only the macro knows the grammar of its tokens.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

use super::module::NamePath;

/// Everything that looks like a path, with its line.
///
/// A single name is not a path after `.`, before `:` (a field or a parameter), or in its definition.
/// Other single names may be local variables. They count only if the module has an item with that name.
pub(crate) fn paths_in(tokens: &TokenStream) -> Vec<(NamePath, usize)> {
    let mut paths = Vec::new();
    search(tokens, &mut paths);
    paths
}

/// A name without the `r#` before it.
pub(crate) fn name_of(ident: &Ident) -> String {
    ident.unraw().to_string()
}

fn search(tokens: &TokenStream, paths: &mut Vec<(NamePath, usize)>) {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = &tokens[..at];
        match token {
            TokenTree::Group(_) if matches!(before, [.., one] if is_ident(one, &["pub"])) => {}
            TokenTree::Group(group) => search(&group.stream(), paths),
            TokenTree::Ident(first) => {
                let mut segments = vec![name_of(first)];
                while let [one, two, TokenTree::Ident(next), ..] = &tokens[at + 1..]
                    && is_punct(one, ':')
                    && is_punct(two, ':')
                {
                    segments.push(name_of(next));
                    at += 3;
                }
                let variable =
                    first != "crate" && matches!(before, [.., one] if is_punct(one, '$'));
                let path = segments.len() > 1 || is_lone_name(before, &tokens[at + 1..]);
                if path && !variable {
                    let global = matches!(before, [.., one, two]
                        if is_punct(one, ':') && is_punct(two, ':'));
                    paths.push((NamePath { global, segments }, first.span().start().line));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

fn is_lone_name(before: &[TokenTree], after: &[TokenTree]) -> bool {
    const DEFINES: [&str; 12] = [
        "const", "enum", "fn", "let", "mod", "mut", "ref", "static", "struct", "trait", "type",
        "union",
    ];
    let field = match before {
        [.., one, two] if is_punct(two, '.') => !is_punct(one, '.'),
        [.., one] => is_punct(one, '\'') || is_ident(one, &DEFINES),
        [] => false,
    };
    let named = matches!(after.first(), Some(TokenTree::Punct(colon))
        if colon.as_char() == ':' && colon.spacing() == Spacing::Alone);
    !field && !named
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_ident(token: &TokenTree, wanted: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(ident) if wanted.iter().any(|one| ident == one))
}
