//! Finds the names that a module binds and the paths that it mentions, in its items. Items that only
//! tests see are left out.
//!
//! A `use` inside a function counts as a `use` of the module. So if two functions bind a name to
//! different items, the name means both.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Ident, Lit, Path, UseTree, Visibility};

use super::attributes::{attributes_of, only_in_tests};
use super::module::{Binding, Import, Item, MentionKind, Module, NamePath};
use super::tokens::{name_of, paths_in};

/// Reads all `items` into `module`, except the modules among them.
pub(crate) fn collect(items: &[syn::Item], module: &mut Module) {
    let mut collector = Collector { module };
    for item in items {
        if only_in_tests(attributes_of(item)) {
            continue;
        }
        if let Some((ident, kind)) = definition(item) {
            collector.module.bind(name_of(ident), Binding::Item(kind));
        }
        collector.visit_item(item);
    }
}

struct Collector<'a> {
    module: &'a mut Module,
}

/// Visits a node unless only tests see it.
macro_rules! skip_tests {
    ($($method:ident: $node:ty,)*) => {
        $(fn $method(&mut self, node: &'ast $node) {
            if !only_in_tests(&node.attrs) {
                visit::$method(self, node);
            }
        })*
    };
}

impl<'ast> Visit<'ast> for Collector<'_> {
    skip_tests! {
        visit_arm: syn::Arm,
        visit_expr_block: syn::ExprBlock,
        visit_field: syn::Field,
        visit_field_value: syn::FieldValue,
        visit_impl_item_const: syn::ImplItemConst,
        visit_impl_item_fn: syn::ImplItemFn,
        visit_impl_item_type: syn::ImplItemType,
        visit_local: syn::Local,
        visit_stmt_macro: syn::StmtMacro,
        visit_trait_item_fn: syn::TraitItemFn,
        visit_variant: syn::Variant,
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !only_in_tests(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    /// Does nothing: `tree` reads the modules.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let reexport = !matches!(item.vis, Visibility::Inherited);
        let mut path = NamePath { global: item.leading_colon.is_some(), segments: Vec::new() };
        self.import(&item.tree, &mut path, reexport);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (None, syn::Type::Path(of)) = (&item.trait_, &*item.self_ty) {
            self.mention(&of.path, MentionKind::Inherent);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let path = NamePath { global: true, segments: vec![name_of(&item.ident)] };
        let bound = item.rename.as_ref().map_or(&item.ident, |(_, rename)| rename);
        let reexport = !matches!(item.vis, Visibility::Inherited);
        self.imported(path, Some(bound), reexport, &item.ident);
    }

    /// Does nothing: the path in `pub(in crate::wire)` is not an import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast Path) {
        self.mention(path, MentionKind::Code);
        visit::visit_path(self, path);
    }

    /// Finds paths in the strings of attributes, as in `#[serde(with = "crate::hex")]`.
    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        for token in list.tokens.clone() {
            if let TokenTree::Literal(literal) = token
                && let Lit::Str(text) = Lit::new(literal)
                && let Ok(path) = text.parse::<Path>()
                && path.segments.len() > 1
            {
                let segments =
                    path.segments.iter().map(|segment| name_of(&segment.ident)).collect();
                let line = text.span().start().line;
                self.code(NamePath::local(segments), MentionKind::Code, line);
            }
        }
        visit::visit_meta_list(self, list);
    }

    /// Finds paths in the tokens of a macro call or of an attribute.
    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        for (path, line) in paths_in(tokens) {
            self.code(path, MentionKind::Code, line);
        }
    }
}

impl Collector<'_> {
    fn import(&mut self, tree: &UseTree, path: &mut NamePath, reexport: bool) {
        match tree {
            UseTree::Path(through) => {
                path.segments.push(name_of(&through.ident));
                self.import(&through.tree, path, reexport);
                path.segments.pop();
            }
            UseTree::Name(last) => {
                self.imported(extended(path, &last.ident), None, reexport, &last.ident);
            }
            UseTree::Rename(last) => {
                let path = extended(path, &last.ident);
                self.imported(path, Some(&last.rename), reexport, &last.ident);
            }
            UseTree::Glob(all) => {
                let kind = if reexport { MentionKind::Reexport } else { MentionKind::Glob };
                self.module.mention(path.clone(), kind, all.span().start().line);
                self.module.globs.push(Import { path: path.clone(), reexport });
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path, reexport);
                }
            }
        }
    }

    fn imported(&mut self, path: NamePath, bound: Option<&Ident>, reexport: bool, at: &Ident) {
        let kind = if reexport { MentionKind::Reexport } else { MentionKind::Import };
        self.module.mention(path.clone(), kind, at.span().start().line);
        let bound =
            bound.map_or_else(|| path.segments.last().cloned(), |bound| Some(name_of(bound)));
        if let Some(bound) = bound.filter(|bound| bound != "_") {
            self.module.bind(bound, Binding::Import(Import { path, reexport }));
        }
    }

    fn mention(&mut self, path: &Path, kind: MentionKind) {
        let segments = path.segments.iter().map(|segment| name_of(&segment.ident)).collect();
        let path_name = NamePath { global: path.leading_colon.is_some(), segments };
        self.code(path_name, kind, path.span().start().line);
    }

    fn code(&mut self, path: NamePath, kind: MentionKind, line: usize) {
        let alone = matches!(path.segments.as_slice(), [one] if
            matches!(one.as_str(), "crate" | "self" | "super"));
        if !alone {
            self.module.mention(path, kind, line);
        }
    }
}

/// `path::last`. If `last` is the `self` in `path::{self}`, it is left out.
fn extended(path: &NamePath, last: &Ident) -> NamePath {
    let mut path = path.clone();
    if last != "self" || path.segments.is_empty() {
        path.segments.push(name_of(last));
    }
    path
}

fn definition(item: &syn::Item) -> Option<(&Ident, Item)> {
    use syn::Item as I;
    Some(match item {
        I::Const(item) => (&item.ident, Item::Value),
        I::Enum(item) => {
            let variants = item.variants.iter().map(|variant| name_of(&variant.ident)).collect();
            (&item.ident, Item::Enum { variants })
        }
        I::Fn(item) => (&item.sig.ident, Item::Value),
        I::Macro(item) => (item.ident.as_ref()?, Item::Macro),
        I::Static(item) => (&item.ident, Item::Value),
        I::Struct(item) => (&item.ident, Item::Type),
        I::Trait(item) => (&item.ident, Item::Trait),
        I::TraitAlias(item) => (&item.ident, Item::Trait),
        I::Type(item) => (&item.ident, Item::Type),
        I::Union(item) => (&item.ident, Item::Type),
        _ => return None,
    })
}
