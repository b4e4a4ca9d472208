//! The hash of canonical text: a small difference changes half of the bits, and no two texts collide.

use std::collections::HashSet;

use plugbox::__private::hash;
use plugbox::Fingerprint;

const TEXT: &str = "struct edit_api::Edit\nsize 40\nalign 8\nfield at: usize @24\nfield inserted: String @0\n";

fn of(text: &[u8]) -> u128 {
    hash(text).to_u128()
}

#[test]
#[cfg_attr(miri, ignore = "too many texts for an interpreter, and no unsafe code")]
fn two_edits_never_make_up_for_each_other() {
    let mut seen = HashSet::from([of(TEXT.as_bytes())]);
    let mut texts = 1;
    for first in 0..TEXT.len() {
        for second in first + 1..TEXT.len() {
            for (one, other) in [(1, 1), (32, 32), (1, 128), (128, 128), (59, 1)] {
                let mut edited = TEXT.as_bytes().to_vec();
                edited[first] ^= one;
                edited[second] ^= other;
                seen.insert(of(&edited));
                texts += 1;
            }
        }
    }
    assert_eq!(seen.len(), texts);
}

#[test]
fn every_length_and_every_swap_counts() {
    let mut seen = HashSet::new();
    let mut texts = 0;
    for len in 0..=TEXT.len() {
        seen.insert(of(&TEXT.as_bytes()[..len]));
        seen.insert(of(&vec![0; len + 1]));
        texts += 2;
    }
    for at in 1..TEXT.len() {
        if TEXT.as_bytes()[at - 1] != TEXT.as_bytes()[at] {
            let mut edited = TEXT.as_bytes().to_vec();
            edited.swap(at - 1, at);
            seen.insert(of(&edited));
            texts += 1;
        }
    }
    assert_eq!(seen.len(), texts);
}

#[test]
fn a_changed_bit_changes_half_of_the_bits_wherever_it_stands() {
    let original = of(TEXT.as_bytes());
    let mut most_and_least = (0, 128);
    for bit in 0..TEXT.len() * 8 {
        let mut edited = TEXT.as_bytes().to_vec();
        edited[bit / 8] ^= 1 << (bit % 8);
        let changed = (of(&edited) ^ original).count_ones();
        most_and_least = (most_and_least.0.max(changed), most_and_least.1.min(changed));
    }
    // Like 128 coins, thrown 600 times: the limit is five standard deviations (5.7 each) from the mean.
    assert!(most_and_least.0 <= 64 + 28 && most_and_least.1 >= 64 - 28, "{most_and_least:?}");
}

#[test]
fn digits_are_read_as_they_are_written_and_nothing_else_is_read() {
    for number in 0..1_000u32 {
        let fingerprint = hash(&number.to_le_bytes());
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
    }
    assert_eq!(Fingerprint::parse(&"f".repeat(32)), Some(Fingerprint::from_u128(u128::MAX)));
    for wrong in [0, 15, 16, 31] {
        for byte in (0..=127u8).filter(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            let mut text = "0".repeat(32).into_bytes();
            text[wrong] = byte;
            assert_eq!(Fingerprint::parse(std::str::from_utf8(&text).unwrap()), None, "{byte}");
        }
    }
    for len in [0, 16, 31, 33, 64] {
        assert_eq!(Fingerprint::parse(&"a".repeat(len)), None, "{len}");
    }
    assert_eq!(Fingerprint::parse(&"ä".repeat(16)), None);
}
