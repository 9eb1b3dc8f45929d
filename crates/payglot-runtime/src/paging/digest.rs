//! A digest of a record's text, to notice records that come again. Fast, as every record of every page goes through it.

const KEYS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f];

/// Two different texts of a vendor's records have the same digest once in 2^64.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<16>();
    let mut last = [0; 16];
    for (slot, byte) in last.iter_mut().zip(rest) {
        *slot = *byte;
    }
    let sum = words.iter().chain([&last]).fold(bytes.len() as u64, |sum, word| {
        let word = u128::from_le_bytes(*word);
        fold(low(word) ^ KEYS[0], low(word >> 64) ^ KEYS[1] ^ sum)
    });
    fold(sum ^ KEYS[0], KEYS[1])
}

fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    low(product) ^ low(product >> 64)
}

#[allow(clippy::cast_possible_truncation)] // the lower half is what is asked for
fn low(wide: u128) -> u64 {
    wide as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_have_other_digests() {
        let mut seen = std::collections::HashSet::new();
        for length in 0..70_usize {
            let text = vec![b'a'; length];
            assert!(seen.insert(digest(&text)), "{length}");
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'b';
                assert!(seen.insert(digest(&other)), "{length} {at}");
            }
        }
        assert_eq!(digest(b"the same"), digest(b"the same"));
    }
}
