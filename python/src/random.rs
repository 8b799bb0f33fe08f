//! Python's `random`: the generator MT19937, and what the module draws from it.
//!
//! What comes in: a seed, and the bounds of a draw. What goes out: the number, or the index, that CPython
//! draws after the same seed and the same draws before.
//!
//! May use: `failure`.

use std::collections::HashSet;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use sha2::{Digest as _, Sha512};

use crate::failure::{Failure, check_len};

const WORDS: usize = 624;
const SHIFT: usize = 397;

/// The state of `random`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Random {
    words: Box<[u32; WORDS]>,
    next: usize,
}

impl Random {
    /// After `random.seed(number)`.
    pub(crate) fn seed_int(number: &BigInt) -> Self {
        Self::seed_words(&number.magnitude().to_u32_digits())
    }

    /// After `random.seed(text)`.
    pub(crate) fn seed_text(text: &str) -> Self {
        Self::seed_bytes(text.as_bytes())
    }

    /// After `random.seed(bytes)`.
    pub(crate) fn seed_bytes(bytes: &[u8]) -> Self {
        let mut digits = bytes.to_vec();
        digits.extend_from_slice(&Sha512::digest(bytes));
        Self::seed_words(&BigUint::from_bytes_be(&digits).to_u32_digits())
    }

    /// After `random.seed(value)`, which seeds with `hash(value)`. The hash of NaN is an address.
    pub(crate) fn seed_float(value: f64) -> Result<Self, Failure> {
        let hash = float_hash(value)
            .ok_or_else(|| Failure::Refused("nan is not supported as a seed".to_owned()))?;
        Ok(Self::seed_words(&BigUint::from(hash.cast_unsigned()).to_u32_digits()))
    }

    /// `init_by_array` of the generator's authors.
    fn seed_words(key: &[u32]) -> Self {
        // Zero has no digits, and one word as a key.
        let key = if key.is_empty() { &[0] } else { key };
        let mut words = Box::new([0_u32; WORDS]);
        let mut last = 19_650_218_u32;
        for (word, n) in words.iter_mut().zip(0_u32..) {
            if n > 0 {
                last = mixed(last).wrapping_mul(1_812_433_253).wrapping_add(n);
            }
            *word = last;
        }
        let mut place = 1;
        let mut last = words[0];
        let keys = key.iter().zip(0_u32..).cycle().take(key.len().max(WORDS));
        for (&key, n) in keys {
            last = (words[place] ^ mixed(last).wrapping_mul(1_664_525))
                .wrapping_add(key)
                .wrapping_add(n);
            words[place] = last;
            place = after(&mut words, place);
        }
        for _ in 1..WORDS {
            let n = u32::try_from(place).unwrap_or_default();
            last = (words[place] ^ mixed(last).wrapping_mul(1_566_083_941)).wrapping_sub(n);
            words[place] = last;
            place = after(&mut words, place);
        }
        words[0] = 0x8000_0000;
        Self { words, next: WORDS }
    }

    fn next_u32(&mut self) -> u32 {
        if self.next >= WORDS {
            self.generate();
            self.next = 0;
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn generate(&mut self) {
        for n in 0..WORDS {
            let joined =
                (self.words[n] & 0x8000_0000) | (self.words[(n + 1) % WORDS] & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[n] = self.words[(n + SHIFT) % WORDS] ^ (joined >> 1) ^ odd;
        }
    }

    /// `random()`: at least 0 and less than 1.
    pub(crate) fn random(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// `getrandbits(bits)`. At most `limit` bits.
    pub(crate) fn getrandbits(&mut self, bits: i64, limit: usize) -> Result<BigInt, Failure> {
        let bits = usize::try_from(bits)
            .map_err(|_| Failure::value("number of bits must be non-negative"))?;
        check_len(bits, limit)?;
        Ok(self.bits(bits).into())
    }

    fn bits(&mut self, bits: usize) -> BigUint {
        let mut words = Vec::with_capacity(bits.div_ceil(32));
        let mut left = bits;
        while left > 0 {
            let word = self.next_u32();
            let spare = u32::try_from(32 - left.min(32)).unwrap_or_default();
            words.push(word >> spare);
            left = left.saturating_sub(32);
        }
        BigUint::new(words)
    }

    /// `_randbelow(limit)`, for a positive limit. It draws again while the number is too large, which
    /// happens less than every second time.
    fn below(&mut self, limit: &BigUint) -> BigUint {
        let bits = usize::try_from(limit.bits()).unwrap_or(usize::MAX);
        loop {
            let number = self.bits(bits);
            if number < *limit || limit.is_zero() {
                return number;
            }
        }
    }

    /// `_randbelow(limit)` as an index.
    fn index_below(&mut self, limit: usize) -> usize {
        self.below(&BigUint::from(limit)).to_usize().unwrap_or_default()
    }

    /// `randrange(stop)`.
    pub(crate) fn randrange_to(&mut self, stop: &BigInt) -> Result<BigInt, Failure> {
        if !stop.is_positive() {
            return Err(Failure::value("empty range for randrange()"));
        }
        Ok(self.below(stop.magnitude()).into())
    }

    /// `randrange(start, end, step)`.
    pub(crate) fn randrange(
        &mut self,
        start: &BigInt,
        end: &BigInt,
        step: &BigInt,
    ) -> Result<BigInt, Failure> {
        let width = end - start;
        if step.is_one() {
            if !width.is_positive() {
                return Err(Failure::value(format!(
                    "empty range for randrange() ({start}, {end}, {width})"
                )));
            }
            return Ok(start + BigInt::from(self.below(width.magnitude())));
        }
        if step.is_zero() {
            return Err(Failure::value("zero step for randrange()"));
        }
        let count = (width + step - step.signum()).div_floor(step);
        if !count.is_positive() {
            return Err(Failure::value("empty range for randrange()"));
        }
        Ok(start + step * BigInt::from(self.below(count.magnitude())))
    }

    /// `randint(low, high)`.
    pub(crate) fn randint(&mut self, low: &BigInt, high: &BigInt) -> Result<BigInt, Failure> {
        self.randrange(low, &(high + 1_u8), &BigInt::one())
    }

    /// The index that `choice` takes from a sequence of `len` items.
    pub(crate) fn choice(&mut self, len: usize) -> Result<usize, Failure> {
        if len == 0 {
            return Err(Failure::index("Cannot choose from an empty sequence"));
        }
        Ok(self.index_below(len))
    }

    /// Calls `swap` with the pairs of indexes that `shuffle` swaps.
    pub(crate) fn shuffle(&mut self, len: usize, mut swap: impl FnMut(usize, usize)) {
        for last in (1..len).rev() {
            let other = self.index_below(last + 1);
            swap(last, other);
        }
    }

    /// The indexes that `sample` takes: `count` of `len`. At most `limit` of them.
    pub(crate) fn sample(
        &mut self,
        len: usize,
        count: i64,
        limit: usize,
    ) -> Result<Vec<usize>, Failure> {
        let wrong = || Failure::value("Sample larger than population or is negative");
        let count = usize::try_from(count).ok().filter(|&count| count <= len).ok_or_else(wrong)?;
        check_len(count, limit)?;
        let mut chosen = Vec::with_capacity(count);
        if len <= pool_len(count) {
            let mut pool: Vec<usize> = (0..len).collect();
            for left in (len - count + 1..=len).rev() {
                let at = self.index_below(left);
                chosen.push(pool.swap_remove(at));
            }
        } else {
            let mut taken = HashSet::with_capacity(count);
            while chosen.len() < count {
                let at = self.index_below(len);
                if taken.insert(at) {
                    chosen.push(at);
                }
            }
        }
        Ok(chosen)
    }

    /// The indexes that `choices` takes without weights: `count` of `len`. The caller bounds `count`.
    pub(crate) fn choices(&mut self, len: usize, count: usize) -> Result<Vec<usize>, Failure> {
        if len == 0 && count > 0 {
            return Err(Failure::index("list index out of range"));
        }
        Ok((0..count).map(|_| self.scaled_index(len)).collect())
    }

    /// `floor(random() * len)`.
    fn scaled_index(&mut self, len: usize) -> usize {
        #[expect(clippy::cast_precision_loss, reason = "CPython converts to float too")]
        let scaled = self.random() * len as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to len")]
        let index = scaled as usize;
        index
    }

    /// The indexes that `choices` takes with these cumulative weights, of `len` items. The caller bounds
    /// `count`.
    pub(crate) fn choices_by_weight(
        &mut self,
        cumulative: &[f64],
        len: usize,
        count: usize,
    ) -> Result<Vec<usize>, Failure> {
        if cumulative.len() != len {
            return Err(Failure::value("The number of weights does not match the population"));
        }
        let Some((&total, before)) = cumulative.split_last() else {
            return Err(Failure::index("list index out of range"));
        };
        if total <= 0.0 {
            return Err(Failure::value("Total of weights must be greater than zero"));
        }
        if !total.is_finite() {
            return Err(Failure::value("Total of weights must be finite"));
        }
        let draw = |random: &mut Self| {
            let at = random.random() * total;
            before.partition_point(|&weight| weight <= at)
        };
        Ok((0..count).map(|_| draw(self)).collect())
    }
}

fn mixed(word: u32) -> u32 {
    word ^ (word >> 30)
}

/// The place after `place`. The last word comes around to the front.
fn after(words: &mut [u32; WORDS], place: usize) -> usize {
    if place + 1 < WORDS {
        return place + 1;
    }
    words[0] = words[WORDS - 1];
    1
}

/// The longest sequence that `sample` copies, instead of keeping a set of the indexes taken.
fn pool_len(count: usize) -> usize {
    let mut table = 1_usize;
    while table < count.saturating_mul(3) && table < usize::MAX / 4 {
        table *= 4;
    }
    21 + if count > 5 { table } else { 0 }
}

/// `hash(value)`: the value modulo 2 to 61 less one. `None` for NaN.
fn float_hash(value: f64) -> Option<i64> {
    const BITS: i64 = 61;
    const MODULUS: u64 = (1 << 61) - 1;
    if value.is_nan() {
        return None;
    }
    let sign = if value < 0.0 { -1 } else { 1 };
    if value.is_infinite() {
        return Some(sign * 314_159);
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let field = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    // Multiplying by a power of two rotates the 61 bits.
    let turn = exponent.rem_euclid(BITS);
    let rotated = ((mantissa << turn) & MODULUS) | (mantissa >> (BITS - turn));
    let hash = sign * i64::try_from(rotated).unwrap_or_default();
    Some(if hash == -1 { -2 } else { hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, cases, compare, float_literal, rng, text_literal};
    use crate::numbers::integer::tests::any_int;
    use crate::repr::float::repr;
    use crate::repr::float::tests::any_float;

    fn any_seed(rng: &mut fastrand::Rng) -> (String, Random) {
        match rng.u8(..4) {
            0 => {
                let number = any_int(rng);
                (number.to_string(), Random::seed_int(&number))
            }
            1 => (text_literal("你好"), Random::seed_text("你好")),
            2 => (bytes_literal(b"x\0"), Random::seed_bytes(b"x\0")),
            _ => {
                let value = Some(any_float(rng)).filter(|value| !value.is_nan()).unwrap_or(1.5);
                (float_literal(value), Random::seed_float(value).unwrap())
            }
        }
    }

    /// A draw, in Python and here.
    fn any_draw(rng: &mut fastrand::Rng, random: &mut Random) -> (String, Result<String, Failure>) {
        let list = |places: Result<Vec<usize>, Failure>| places.map(|places| format!("{places:?}"));
        match rng.u8(..11) {
            0 => ("r.random()".to_owned(), Ok(repr(random.random()))),
            1 => {
                let bits = rng.i64(-1..100);
                let ours = random.getrandbits(bits, 1000).map(|n| n.to_string());
                (format!("r.getrandbits({bits})"), ours)
            }
            2 => {
                let stop = any_int(rng);
                (format!("r.randrange({stop})"), random.randrange_to(&stop).map(|n| n.to_string()))
            }
            3 => {
                let (start, end, step) = (rng.i32(-9..9), rng.i32(-9..99), rng.i32(-3..4));
                let ours = random.randrange(&start.into(), &end.into(), &step.into());
                (format!("r.randrange({start}, {end}, {step})"), ours.map(|n| n.to_string()))
            }
            4 => {
                let (low, high) = (any_int(rng), any_int(rng));
                let ours = random.randint(&low, &high).map(|n| n.to_string());
                (format!("r.randint({low}, {high})"), ours)
            }
            5 => {
                let len = rng.usize(..10);
                (format!("r.choice(range({len}))"), random.choice(len).map(|n| n.to_string()))
            }
            6 => {
                let len = rng.usize(..10);
                let mut items: Vec<usize> = (0..len).collect();
                random.shuffle(len, |a, b| items.swap(a, b));
                (format!("(x := list(range({len})), r.shuffle(x))[0]"), Ok(format!("{items:?}")))
            }
            7 => {
                let (len, count) = (rng.usize(..400), rng.i64(-1..40));
                let ours = random.sample(len, count, 1000);
                (format!("r.sample(range({len}), {count})"), list(ours))
            }
            8 => {
                let (a, b) = (any_float(rng), any_float(rng));
                let python = format!("r.uniform({}, {})", float_literal(a), float_literal(b));
                (python, Ok(repr(a + (b - a) * random.random())))
            }
            9 => {
                let (len, count) = (rng.usize(..9), rng.usize(..9));
                (
                    format!("r.choices(list(range({len})), k={count})"),
                    list(random.choices(len, count)),
                )
            }
            _ => {
                let weights: Vec<f64> =
                    (0..rng.usize(..5)).map(|_| f64::from(rng.u8(..3))).collect();
                let mut total = 0.0;
                let cumulative: Vec<f64> = weights
                    .iter()
                    .map(|weight| {
                        total += weight;
                        total
                    })
                    .collect();
                let len = if rng.u8(..5) == 0 { 3 } else { weights.len() };
                let ours = random.choices_by_weight(&cumulative, len, 5);
                (format!("r.choices(range({len}), {weights:?}, k=5)"), list(ours))
            }
        }
    }

    #[test]
    fn any_draws_after_any_seed_are_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(400) {
            let (seed, mut random) = any_seed(&mut rng);
            let before = rng.usize(..700);
            for _ in 0..before {
                random.random();
            }
            let (draw, ours) = any_draw(&mut rng, &mut random);
            let after = if ours.is_ok() {
                format!(" + ' ' + repr({})", "r.random()")
            } else {
                String::new()
            };
            let ours = ours.map(|text| text_literal(&format!("{text} {}", repr(random.random()))));
            let python = format!(
                "[(repr({draw}){after}) for r in [random.Random({seed})] if [r.random() for _ in range({before})] or True][0]"
            );
            list.push((python, ours));
        }
        compare(list);
    }
}
