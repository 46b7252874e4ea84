//! The hash of keys: a folded multiplication with a secret, eight bytes a step.
use super::table_row::Key;

/// The hash of a key; `seed` is secret and the same for all who share the keys.
#[inline]
pub(super) fn hash(seed: u64, key: &Key<'_>) -> u64 {
    let mut sum = seed ^ key.len as u64;
    key.all(|_, word| {
        sum = fold(sum ^ word, MIX);
        true
    });
    fold(sum, seed | 1)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a).wrapping_mul(u128::from(b));
    #[expect(clippy::cast_possible_truncation, reason = "both halves are wanted")]
    let (low, high) = (wide as u64, (wide >> 64) as u64);
    low ^ high
}

/// Odd, with as many ones as zeros: the fraction of the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
