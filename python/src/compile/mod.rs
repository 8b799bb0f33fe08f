//! Compiles the text of a program.
//!
//! What comes in: Python's text. What goes out: the code of its module, or a syntax error in Python's
//! words, or a sentence about what is outside of the subset.
//!
//! May use: `code`, `modules::names`, `outside`, `source`, `unicode`.

mod compiler;
mod error;
mod expressions;
mod methods;
mod nesting;
mod rules;
mod scope;
mod statements;
mod syntax;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{LexicalErrorType, Mode, ParseErrorType, ParseOptions, parse_unchecked};

pub use error::{CompileError, CompileErrorKind};

use self::compiler::Compiler;
use self::error::{Details, Place, Problem, refused, syntax};
use self::scope::{Scopes, span};
use self::syntax::Mark;
use crate::code::{Code, CodeKind, Constant, Op, Span};
use crate::source::Source;

/// The longest text of a program, in bytes: 256 KiB.
pub(crate) const MAX_TEXT: usize = 256 * 1024;

/// The code of a module, and the names of its global variables.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) code: Code,
    pub(crate) globals: Vec<String>,
}

/// Checks a text without running it.
///
/// # Errors
///
/// [`CompileError`] if it is not Python, or outside of the subset.
pub fn check(text: &str) -> Result<(), CompileError> {
    compile(&Source::new(text), false).map(drop)
}

/// Compiles a program, or one of the library's modules.
pub(crate) fn compile(source: &Source, is_library: bool) -> Result<Module, CompileError> {
    module(&source.text, is_library).map_err(|problem| {
        let Details { kind, message, place } = *problem.0;
        let mark = match place {
            Place::Mark(mark) => mark,
            Place::Span(span) => Mark {
                line: source.line(span.start),
                column: i64::from(source.byte_column(span.start)) + 1,
                end_line: source.line(span.end),
                end_column: i64::from(source.byte_column(span.end)) + 1,
                text: None,
            },
        };
        CompileError::new(kind, message, mark)
    })
}

fn module(text: &str, is_library: bool) -> Result<Module, Problem> {
    if text.len() > MAX_TEXT {
        return Err(refused(Span::default(), "the program is longer than 256 KiB"));
    }
    if let Some(at) = text.find('\0') {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        return Err(syntax(Span { start: at, end: at }, "source code cannot contain null bytes"));
    }
    if let Some((at, name)) = syntax::declared_encoding(text) {
        check_encoding(at, name)?;
    }
    syntax::check(text)?;
    nesting::check(text)?;
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY311);
    let Some(parsed) = parse_unchecked(text, options).try_into_module() else {
        return Err(refused(Span::default(), "the program is not a module"));
    };
    if let Some(error) = parsed.errors().first() {
        let is_name = error.error == ParseErrorType::Lexical(LexicalErrorType::UnicodeError);
        let message = if is_name {
            r"the escape '\N' is outside of the subset; use '\u'".to_owned()
        } else {
            format!("{} is outside of the subset", error.error)
        };
        return Err(refused(span(error.location), message));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(refused(span(error.range), format!("{error}")));
    }
    let body = parsed.suite();
    rules::check(text, body)?;
    let scopes = Scopes::of(body);
    let mut compiler = Compiler::new(text, scopes, is_library);
    compiler.open(0, CodeKind::Module, "<module>");
    statements::body(&mut compiler, body)?;
    compiler.constant(Constant::None);
    compiler.emit(Op::Return);
    compiler.check_size()?;
    let code = compiler.close().ok_or_else(|| refused(Span::default(), "the program is empty"))?;
    Ok(Module { code, globals: compiler.globals.into_iter().collect() })
}

/// Refuses a text that says that it has an encoding of which it is not known whether Python has it.
fn check_encoding(at: usize, name: &str) -> Result<(), Problem> {
    const ENCODINGS: [&str; 10] = [
        "utf-8",
        "utf8",
        "ascii",
        "us-ascii",
        "latin-1",
        "iso-8859-1",
        "gbk",
        "gb2312",
        "gb18030",
        "cp936",
    ];
    if ENCODINGS.contains(&name.to_ascii_lowercase().replace('_', "-").as_str()) {
        return Ok(());
    }
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let place = Span { start: offset(at), end: offset(at + name.len()) };
    Err(refused(place, format!("the encoding '{name}' is outside of the subset; use UTF-8")))
}
