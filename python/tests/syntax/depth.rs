//! Texts that nest deep: each compiles or is refused, on a thread with a small stack.

use std::thread;

use fastrand::Rng;

use crate::oracle::{Verdict, ours};

const DEPTH: usize = 10_000;
/// What threads have by default, and about twice what a page gives to WebAssembly.
const STACK: usize = 2 * 1024 * 1024;

/// A text that repeats its parts.
fn nested(before: &str, inner: &str, after: &str, depth: usize) -> String {
    format!("{}{inner}{}\n", before.repeat(depth), after.repeat(depth))
}

/// Blocks in each other. Their text grows with the square of the depth.
fn indented(head: &str, last: &str, tail: &str, depth: usize) -> String {
    let depth = depth.min(400);
    let mut text = String::new();
    for level in 0..depth {
        text.push_str(&" ".repeat(level));
        text.push_str(head);
        text.push('\n');
    }
    text.push_str(&" ".repeat(depth));
    text.push_str(last);
    text.push('\n');
    for level in (0..depth).rev() {
        if !tail.is_empty() {
            let indentation = " ".repeat(level);
            text.push_str(&indentation);
            text.push_str(&tail.replace('\n', &format!("\n{indentation}")));
            text.push('\n');
        }
    }
    text
}

/// Expressions that are as deep as they are long.
fn expressions(depth: usize) -> Vec<(&'static str, String)> {
    let x = |before: &str, after: &str| nested(before, "x", after, depth);
    vec![
        ("parentheses", x("(", ")")),
        ("lists", x("[", "]")),
        ("sets", x("{", "}")),
        ("tuples", x("(", ",)")),
        ("tuples after items", x("(1, ", ")")),
        ("dicts", x("{1: ", "}")),
        ("keys", x("{", ": 1}")),
        ("calls in calls", x("f(", ")")),
        ("second arguments", x("f(1, ", ")")),
        ("named arguments", x("f(a=", ")")),
        ("calls of calls", x("", "()")),
        ("calls with arguments of calls", x("", "(1, 2)")),
        ("attributes", x("", ".a")),
        ("methods", x("", ".a()")),
        ("methods with arguments", x("", ".a(1, 2)")),
        ("subscripts", x("", "[0]")),
        ("subscripts with commas", x("", "[0, 1]")),
        ("subscripts in subscripts", x("x[", "]")),
        ("slices", x("x[:", "]")),
        ("minus", x("-", "")),
        ("tilde and plus", x("~+", "")),
        ("not", x("not ", "")),
        ("lambda", x("lambda: ", "")),
        ("defaults", x("lambda a=", ": 1")),
        ("parameters", x("lambda a, b: ", "")),
        ("conditional at the end", x("a if b else ", "")),
        ("conditional at the start", x("", " if b else a")),
        ("conditional in the middle", x("a if ", " else b")),
        ("comparisons", x("a < ", "")),
        ("comparisons in parentheses", x("(a < ", ")")),
        ("and", x("a and ", "")),
        ("and, or", x("a and b or ", "")),
        ("and, or in parentheses", x("(a and b or ", ")")),
        ("sums", x("a + ", "")),
        ("sums on the right", x("a + (", ")")),
        ("products", x("a * ", "")),
        ("powers", x("2 ** ", "")),
        ("powers of minus", x("2 ** -", "")),
        ("await", x("await ", "")),
        ("stars", x("*", "")),
        ("stars in brackets", x("[*", "]")),
        ("assignments", x("a = ", "")),
        ("walrus", x("(a := ", ")")),
        ("annotations", nested("x[", "int", "]", depth).replace('\n', ": int\n")),
        ("yield", x("(yield ", ")")),
        ("comprehensions", x("[", " for a in b]")),
        ("comprehensions in iterables", x("[a for a in ", "]")),
        ("conditions", x("[a for a in b if ", "]")),
        ("loops of a comprehension", nested("", "[x", " for a in b", depth).replace('\n', "]\n")),
        ("generators", x("(", " for a in b)")),
        ("arguments that are generators", x("f(", " for a in b)")),
        ("dict comprehensions", x("{1: ", " for a in b}")),
        ("strings in a row", x("'a' ", "")),
        ("strings in lines", format!("x = ({})\n", "'a'\n".repeat(depth))),
        ("f-strings in a row", x("f'{x}' ", "")),
        ("f-strings in each other", nested("f'{", "x", "}'", depth)),
        ("fields of an f-string", format!("f'{}'\n", "{x}".repeat(depth))),
        ("formats in each other", nested("f'{x:", "", "}'", depth)),
        ("formats", format!("f'{}{}'\n", "{x:".repeat(depth), "}".repeat(depth))),
        (
            "brackets in an f-string",
            format!("f'{{{}x{}}}'\n", "(".repeat(depth), ")".repeat(depth)),
        ),
        ("minus in an f-string", format!("f'{{{}x}}'\n", "-".repeat(depth))),
        ("targets", format!("{}x{} = 1\n", "[".repeat(depth), "]".repeat(depth))),
        ("deleted targets", format!("del {}x{}\n", "(".repeat(depth), ")".repeat(depth))),
        ("open brackets", format!("{}\n", "(".repeat(depth))),
        ("open brackets in lines", "(\n".repeat(depth)),
        ("mixed brackets", nested("([{1: f(", "x", ")}])", depth)),
        (
            "patterns",
            format!("match x:\n case {}a{}: pass\n", "[".repeat(depth), "]".repeat(depth)),
        ),
        ("alternatives of a pattern", format!("match x:\n case {}1: pass\n", "1 | ".repeat(depth))),
    ]
}

/// Statements that are as deep as they are long, or many.
fn statements(depth: usize) -> Vec<(&'static str, String)> {
    vec![
        ("if", indented("if a:", "pass", "", depth)),
        ("if and else", indented("if a:", "pass", "else:\n pass", depth)),
        ("else in else", indented("if a: pass\nelse:", "pass", "", depth)),
        ("while", indented("while a:", "pass", "", depth)),
        ("for", indented("for a in b:", "pass", "", depth)),
        ("def", indented("def f():", "pass", "", depth)),
        ("class", indented("class A:", "pass", "", depth)),
        ("with", indented("with a:", "pass", "", depth)),
        ("try", indented("try:", "pass", "finally:\n pass", depth)),
        ("try and except", indented("try:", "pass", "except A:\n pass", depth)),
        ("match", indented("match a:\n case 1:", "pass", "", depth)),
        ("elif", format!("if a: pass\n{}", "elif b: pass\n".repeat(depth))),
        ("elif and else", format!("if a: pass\n{}else: pass\n", "elif b: pass\n".repeat(depth))),
        ("except", format!("try: pass\n{}", "except A: pass\n".repeat(depth))),
        ("items of with", format!("with {}a: pass\n", "a, ".repeat(depth))),
        ("named items of with", format!("with {}a: pass\n", "a as b, ".repeat(depth))),
        ("decorators", format!("{}def f(): pass\n", "@a\n".repeat(depth))),
        ("cases", format!("match a:\n{}", " case 1: pass\n".repeat(depth))),
        ("statements in a line", "x;".repeat(depth) + "\n"),
        ("imports", format!("from socket import {}a\n", "a, ".repeat(depth))),
        ("dotted imports", format!("import {}a\n", "a.".repeat(depth))),
        (
            "parameters",
            format!(
                "def f({}z): pass\n",
                (0..depth).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", ")
            ),
        ),
        ("arguments", format!("f({}1)\n", "1, ".repeat(depth))),
        ("stars in arguments", format!("f({}1)\n", "*a, ".repeat(depth))),
        ("targets", format!("{}a = b\n", "a, ".repeat(depth))),
        ("items", format!("[{}1]\n", "1, ".repeat(depth))),
        ("blank lines", "\n".repeat(depth)),
        ("comments", "# a\n".repeat(depth)),
        ("backslashes", "\\\n".repeat(depth)),
        ("continued sum", format!("x = 1{}\n", " + \\\n1".repeat(depth))),
    ]
}

fn on_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

#[test]
fn no_text_is_too_deep_for_a_small_stack() {
    on_small_stack(|| {
        // Around the bounds the texts are the deepest that are let through.
        for depth in [55, 90, 130, 195, 395, DEPTH] {
            for (name, text) in expressions(depth).into_iter().chain(statements(depth)) {
                println!("{name} {depth}");
                ours(&text);
                if depth < 200 {
                    // The second pass, too.
                    ours(&format!("{text}x y\n"));
                }
            }
        }
    });
}

/// What goes around an expression.
const AROUND: [(&str, &str); 24] = [
    ("(", ")"),
    ("[", "]"),
    ("{1: ", "}"),
    ("(1, ", ")"),
    ("f(", ")"),
    ("f(a=", ")"),
    ("", "()"),
    ("", ".a"),
    ("", "[0]"),
    ("a[", "]"),
    ("a[1:", "]"),
    ("-", ""),
    ("not ", ""),
    ("lambda: ", ""),
    ("lambda a=", ": 1"),
    ("a if b else ", ""),
    ("a < ", ""),
    ("a + ", ""),
    ("2 ** ", ""),
    ("[", " for a in b]"),
    ("[a for a in ", "]"),
    ("f(", " for a in b)"),
    ("{1: ", " for a in b}"),
    ("(yield ", ")"),
];
const BLOCKS: [&str; 5] = ["def f():", "if a:", "class A:", "async def f():", "try:"];

/// A random expression in `depth` others.
fn mixed(rng: &mut Rng, depth: usize) -> String {
    let mut text = "x".to_owned();
    let kinds = rng.usize(1..5);
    let around: Vec<_> = (0..kinds).map(|_| AROUND[rng.usize(..AROUND.len())]).collect();
    for _ in 0..depth {
        let (before, after) = around[rng.usize(..around.len())];
        text = format!("{before}{text}{after}");
    }
    text
}

#[test]
fn no_mix_of_blocks_and_expressions_is_too_deep_for_a_small_stack() {
    let mut rng = Rng::with_seed(7);
    let mut texts = Vec::new();
    for _ in 0..60 {
        for depth in [60, 120, 190, 390] {
            let expression = format!("x = {}", mixed(&mut rng, depth));
            let block = BLOCKS[rng.usize(..BLOCKS.len())];
            // CPython lets no more than 20 `try` be in each other.
            let (blocks, tail) = if block == "try:" { (20, "finally: pass") } else { (59, "") };
            texts.push(indented(block, &expression, tail, blocks));
        }
    }
    let accepted =
        on_small_stack(move || texts.iter().filter(|text| ours(text) == Verdict::Accepted).count());
    assert!(accepted > 10, "{accepted}");
}

#[test]
fn what_a_person_writes_is_not_too_deep() {
    let wide =
        ["elif", "elif and else", "decorators", "items", "arguments", "statements in a line"];
    for (name, text) in statements(15).into_iter().chain(expressions(15)) {
        if let Verdict::Refused(message) = ours(&text) {
            assert!(!message.contains("too long"), "{name}: {message}");
        }
    }
    for (name, text) in statements(200) {
        if wide.contains(&name) {
            assert_eq!(ours(&text), Verdict::Accepted, "{name}");
        }
    }
}
