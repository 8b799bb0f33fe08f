//! The module `random`. Its functions share one generator.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use super::attributes;
use super::signature::Signature;
use crate::budget::{room_for, spend};
use crate::builtins::arguments::{c_int_or, int, none, one};
use crate::builtins::iterables::with_items;
use crate::builtins::texts::limit;
use crate::code::Operator;
use crate::native::{Flow, refuse, type_error, value_error};
use crate::operators::arithmetic::binary;
use crate::operators::compare::as_bytes;
use crate::operators::items;
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::operators::truth::length;
use crate::random::Random;
use crate::value::{Args, Cx, Fail, Native, Outcome, Value, charge_of};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    attributes::module(cx, "random", FUNCTIONS, Vec::new())
}

static FUNCTIONS: &[Native] = &[
    Native { name: "seed", call: seed },
    Native {
        name: "random",
        call: |cx, mut args| {
            args.values.insert(0, Value::None);
            none(args, "Random.random")?;
            Ok(Flow::Value(Value::Float(generator(cx).random())))
        },
    },
    Native { name: "uniform", call: uniform },
    Native { name: "getrandbits", call: getrandbits },
    Native { name: "randint", call: randint },
    Native { name: "randrange", call: randrange },
    Native { name: "choice", call: choice },
    Native { name: "choices", call: choices },
    Native { name: "sample", call: sample },
    Native { name: "shuffle", call: shuffle },
];

const fn method(
    name: &'static str,
    positional: &'static [&'static str],
    required: usize,
) -> Signature {
    Signature { name, is_method: true, positional, required, keyword_only: &[] }
}

/// The generator. The first time, it is seeded with the host's number.
fn generator(cx: &mut Cx) -> &mut Random {
    let seed = cx.random_seed;
    cx.random.get_or_insert_with(|| Random::seed_int(&seed.into()))
}

fn seed(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.seed", &["a", "version"], 0).bind_all(args)?;
    if values[1].is_bound() && !matches!(values[1], Value::Int(2)) {
        return Err(refuse("'random.seed' with another version is outside of the subset"));
    }
    let random = match &values[0] {
        Value::Unbound | Value::None => {
            cx.random_seed = cx.random_seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            Random::seed_int(&cx.random_seed.into())
        }
        Value::Float(number) => Random::seed_float(*number)?,
        Value::Str(text) => Random::seed_text(&text.text),
        other => match (int_of(other), as_bytes(other)) {
            (Some(int), _) => Random::seed_int(&int),
            (None, Some(bytes)) => Random::seed_bytes(&bytes),
            (None, None) => {
                return Err(type_error(
                    "The only supported seed types are: None,\nint, float, str, bytes, and bytearray.",
                ));
            }
        },
    };
    cx.random = Some(random);
    Ok(Flow::Value(Value::None))
}

fn uniform(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.uniform", &["a", "b"], 2).bind_all(args)?;
    let (a, b) = (&values[0], &values[1]);
    let width = binary(Operator::Subtract, b, a, false)?;
    let drawn = Value::Float(generator(cx).random());
    let part = binary(Operator::Multiply, &width, &drawn, false)?;
    binary(Operator::Add, a, &part, false).map(Flow::Value)
}

fn getrandbits(cx: &mut Cx, args: Args) -> Outcome {
    let bits = c_int_or(&one(args, "Random.getrandbits")?, 0)?;
    let most = limit().saturating_mul(8);
    spend(usize::try_from(bits).unwrap_or(0) / 32);
    Ok(Flow::Value(Value::big(generator(cx).getrandbits(bits, most)?)))
}

fn whole(value: &Value) -> Result<BigInt, Fail> {
    int_of(value).ok_or_else(|| refuse("'random.randrange' and 'random.randint' take ints here"))
}

fn randint(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.randint", &["a", "b"], 2).bind_all(args)?;
    binary(Operator::Add, &values[1], &Value::Int(1), false)?;
    let (low, high) = (whole(&values[0])?, whole(&values[1])?);
    Ok(Flow::Value(Value::big(generator(cx).randint(&low, &high)?)))
}

fn randrange(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.randrange", &["start", "stop", "step"], 1).bind_all(args)?;
    let start = whole(&values[0])?;
    if matches!(values[1], Value::Unbound | Value::None) {
        if values[2].is_bound() {
            return Err(type_error("Missing a non-None stop argument"));
        }
        return Ok(Flow::Value(Value::big(generator(cx).randrange_to(&start)?)));
    }
    let stop = whole(&values[1])?;
    let each = if values[2].is_bound() { whole(&values[2])? } else { BigInt::from(1) };
    Ok(Flow::Value(Value::big(generator(cx).randrange(&start, &stop, &each)?)))
}

fn length_of(value: &Value) -> Result<usize, Fail> {
    length(value)
        .ok_or_else(|| type_error(format!("object of type '{}' has no len()", type_name(value))))
}

fn choice(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.choice", &["seq"], 1).bind_all(args)?;
    let at = generator(cx).choice(length_of(&values[0])?)?;
    items::get(&values[0], &Value::size(at)).map(Flow::Value)
}

fn shuffle(cx: &mut Cx, args: Args) -> Outcome {
    let values = method("Random.shuffle", &["x"], 1).bind_all(args)?;
    let count = length_of(&values[0])?;
    spend(count);
    match &values[0] {
        Value::List(list) => {
            let mut items = list.items.borrow_mut();
            generator(cx).shuffle(count, |one, other| items.swap(one, other));
        }
        Value::ByteArray(array) => {
            let mut bytes = array.bytes.borrow_mut();
            generator(cx).shuffle(count, |one, other| bytes.swap(one, other));
        }
        _ if count < 2 => {}
        other => {
            let mut last = 0;
            generator(cx).shuffle(2, |one, _| last = one);
            items::set(other, &Value::size(last), Value::None)?;
            return Err(refuse("'random.shuffle' takes a list here"));
        }
    }
    Ok(Flow::Value(Value::None))
}

fn picked(from: &Value, places: &[usize]) -> Outcome {
    spend(places.len());
    let picked: Result<Vec<Value>, Fail> =
        places.iter().map(|at| items::get(from, &Value::size(*at))).collect();
    Ok(Flow::Value(Value::list(picked?)))
}

fn sample(cx: &mut Cx, args: Args) -> Outcome {
    let signature = Signature {
        name: "Random.sample",
        is_method: true,
        positional: &["population", "k"],
        required: 2,
        keyword_only: &["counts"],
    };
    let values = signature.bind_all(args)?;
    if !matches!(values[2], Value::Unbound | Value::None) {
        return Err(refuse("'counts' is outside of the subset"));
    }
    let from = &values[0];
    if !matches!(
        from,
        Value::List(_)
            | Value::Tuple(_)
            | Value::Str(_)
            | Value::Range(_)
            | Value::Bytes(_)
            | Value::ByteArray(_)
    ) {
        return Err(type_error(
            "Population must be a sequence.  For dicts or sets, use sorted(d).",
        ));
    }
    let count = int_of(&values[1]).ok_or_else(|| refuse("'k' is an int here"))?;
    let count = count.to_i64().unwrap_or(-1);
    let places = generator(cx).sample(length_of(from)?, count, limit() / size_of::<Value>() / 4)?;
    picked(from, &places)
}

fn choices(cx: &mut Cx, args: Args) -> Outcome {
    let signature = Signature {
        name: "Random.choices",
        is_method: true,
        positional: &["population", "weights"],
        required: 1,
        keyword_only: &["cum_weights", "k"],
    };
    let values = signature.bind_all(args)?;
    let [from, weights, cumulative, count] = values.as_slice() else {
        return Ok(Flow::Value(Value::None));
    };
    length_of(from)?;
    let is_given = |value: &Value| !matches!(value, Value::Unbound | Value::None);
    let kept = vec![from.clone(), count.clone(), Value::Bool(is_given(cumulative))];
    match (is_given(weights), is_given(cumulative)) {
        (true, true) => Err(type_error("Cannot specify both weights and cumulative weights")),
        (true, false) => with_items(cx, weights, kept, weighted),
        (false, true) => with_items(cx, cumulative, kept, weighted),
        (false, false) => {
            let count = count_of(count)?;
            let places = generator(cx).choices(length_of(from)?, count)?;
            picked(from, &places)
        }
    }
}

fn count_of(value: &Value) -> Result<usize, Fail> {
    let count = if value.is_bound() { int(value)? } else { 1 };
    let count = usize::try_from(count).unwrap_or(0);
    room_for(charge_of(count))?;
    Ok(count)
}

#[expect(clippy::needless_pass_by_value, reason = "it goes on with what was collected")]
fn weighted(cx: &mut Cx, weights: Vec<Value>, kept: Vec<Value>) -> Outcome {
    let [from, count, is_cumulative] = kept.as_slice() else {
        return Ok(Flow::Value(Value::None));
    };
    let mut cumulative = Vec::with_capacity(weights.len());
    let mut total = 0.0;
    for weight in &weights {
        let number = match weight {
            Value::Float(number) => *number,
            // The sums are exact, as in CPython.
            other => int_of(other)
                .and_then(|int| int.to_f64().filter(|float| float.abs() < 1e12))
                .ok_or_else(|| refuse("weights are numbers here"))?,
        };
        total = if matches!(is_cumulative, Value::Bool(true)) { number } else { total + number };
        cumulative.push(total);
    }
    let length = length_of(from)?;
    if cumulative.len() != length {
        return Err(value_error("The number of weights does not match the population"));
    }
    let count = count_of(count)?;
    let places = generator(cx).choices_by_weight(&cumulative, length, count)?;
    picked(from, &places)
}
