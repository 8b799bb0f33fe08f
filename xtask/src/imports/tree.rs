//! Reads the module tree of one crate from its files.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use syn::spanned::Spanned as _;

use super::attributes::{only_in_tests, text_of};
use super::module::{Binding, Import, Module, ModuleId, NamePath, ROOT};
use super::syntax::collect;
use super::tokens::name_of;

/// All modules of a crate, the root first.
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
}

impl Tree {
    /// Reads the crate whose root file is `file`. `file`, and the files in the tree, are relative to
    /// `workspace`.
    pub(crate) fn read(workspace: &Path, file: &str) -> anyhow::Result<Self> {
        let mut reader = Reader { workspace, modules: Vec::new() };
        let folder = parent_of(Path::new(file));
        reader.file(file, Module::default(), &folder)?;
        Ok(Self { modules: reader.modules })
    }

    /// Whether `module` is `ancestor` or is in it.
    pub(crate) fn is_under(&self, module: ModuleId, ancestor: ModuleId) -> bool {
        self.modules[module].path.starts_with(&self.modules[ancestor].path)
    }
}

struct Reader<'a> {
    workspace: &'a Path,
    modules: Vec<Module>,
}

/// The folders that the relative paths in a module start from.
struct Place<'a> {
    /// The folder of the files of child modules.
    children: &'a Path,
    /// The folder that `#[path]` is relative to.
    paths: &'a Path,
}

impl Reader<'_> {
    fn file(
        &mut self,
        file: &str,
        mut module: Module,
        children: &Path,
    ) -> anyhow::Result<ModuleId> {
        let text = fs::read_to_string(self.workspace.join(file))
            .with_context(|| format!("cannot read {file}"))?;
        let parsed = syn::parse_file(&text)
            .map_err(|error| anyhow::anyhow!("{file}:{}: {error}", error.span().start().line))?;
        file.clone_into(&mut module.file);
        let place = Place { children, paths: &parent_of(Path::new(file)) };
        for attribute in &parsed.attrs {
            if let Some(text) = text_of(attribute, "doc") {
                module.docs.push((attribute.span().start().line, text));
            }
        }
        let items = if only_in_tests(&parsed.attrs) { &[] } else { parsed.items.as_slice() };
        self.items(items, module, &place)
    }

    /// Adds `module`, whose items are `items`, and all modules in it.
    fn items(
        &mut self,
        items: &[syn::Item],
        mut module: Module,
        place: &Place,
    ) -> anyhow::Result<ModuleId> {
        collect(items, &mut module);
        let id = self.modules.len();
        self.modules.push(module);
        for item in items {
            match item {
                syn::Item::Mod(child) if !only_in_tests(&child.attrs) => {
                    let name = name_of(&child.ident);
                    let child = self.child(child, &name, id, place)?;
                    self.modules[id].bind(name, Binding::Module(child));
                }
                syn::Item::Macro(definition) => self.export(definition, id),
                _ => {}
            }
        }
        Ok(id)
    }

    fn child(
        &mut self,
        item: &syn::ItemMod,
        name: &str,
        parent: ModuleId,
        place: &Place,
    ) -> anyhow::Result<ModuleId> {
        let mut module = Module { parent: Some(parent), ..Module::default() };
        module.path.clone_from(&self.modules[parent].path);
        module.path.push(name.to_owned());
        let path = item.attrs.iter().find_map(|attribute| text_of(attribute, "path"));
        let path = path.map(|path| place.paths.join(path));
        if let Some((_, items)) = &item.content {
            module.file.clone_from(&self.modules[parent].file);
            let folder = path.unwrap_or_else(|| place.children.join(name));
            return self.items(items, module, &Place { children: &folder, paths: &folder });
        }
        if let Some(path) = path {
            let file = plain(&path);
            return self.file(&slashed(&file), module, &parent_of(&file));
        }
        let folder = place.children.join(name);
        let (beside, inside) = (folder.with_extension("rs"), folder.join("mod.rs"));
        for file in [&beside, &inside] {
            if self.workspace.join(file).is_file() {
                return self.file(&slashed(file), module, &folder);
            }
        }
        let line = item.span().start().line;
        let (beside, inside) = (beside.display(), inside.display());
        bail!("{}:{line}: neither {beside} nor {inside} exists", self.modules[parent].file)
    }

    /// Binds a macro with `#[macro_export]` in the crate's root.
    fn export(&mut self, definition: &syn::ItemMacro, module: ModuleId) {
        let exported = definition.attrs.iter().any(|one| one.path().is_ident("macro_export"));
        if let Some(ident) = definition.ident.as_ref().filter(|_| exported && module != ROOT) {
            let name = name_of(ident);
            let mut segments = vec!["crate".to_owned()];
            segments.extend(self.modules[module].path.iter().cloned());
            segments.push(name.clone());
            let import = Import { path: NamePath::local(segments), reexport: true };
            self.modules[ROOT].bind(name, Binding::Import(import));
        }
    }
}

fn parent_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// `path` without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                plain.push(component);
            }
        }
    }
    plain
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
