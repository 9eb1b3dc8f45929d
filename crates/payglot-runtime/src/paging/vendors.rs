//! issue 12.7: walks over the lists of vendors that page in ways of their own. No record is lost, none comes twice, and
//! every walk ends.

use std::sync::Arc;

use proptest::prelude::*;

use super::Walk;
use crate::json::{Document, RawJson};
use crate::schema::Limits;

const LISTED: Limits = Limits::NONE.one_of(&[10, 20, 50, 100]);

/// How a vendor finds the records of a page.
#[derive(Debug, Clone, Copy)]
enum Vendor {
    /// As asked.
    Honest,
    /// At most so many on a page, which begins where pages of that size begin.
    CapsPages(usize),
    /// At most so many on a page, which begins where pages of the size asked for begin.
    CapsRecords(usize),
    /// As many on every page, whatever was asked for.
    Fixed(usize),
    /// Hides every seventh record after the pages were cut.
    Hides,
    /// The whole list, whatever was asked for.
    All,
}

impl Vendor {
    fn page(self, count: usize, number: usize, size: usize) -> Vec<usize> {
        let cut = |begin: usize, length: usize| {
            (begin.min(count)..begin.saturating_add(length).min(count)).collect::<Vec<_>>()
        };
        match self {
            Self::Honest => cut((number - 1) * size, size),
            Self::CapsPages(most) => cut((number - 1) * size.min(most), size.min(most)),
            Self::CapsRecords(most) => cut((number - 1) * size, size.min(most)),
            Self::Fixed(length) => cut((number - 1) * length, length),
            Self::Hides => {
                let page = cut((number - 1) * size, size);
                page.into_iter().filter(|record| record % 7 != 3).collect()
            }
            Self::All => cut(0, count),
        }
    }
}

struct Walked {
    records: Vec<usize>,
    requests: usize,
    warnings: Vec<String>,
}

fn walk(
    page: impl Fn(usize, usize) -> Vec<usize>,
    total: impl Fn(usize) -> Option<u64>,
    first: Walk,
    sizes: &Limits,
) -> Walked {
    let mut walked = Walked { records: Vec::new(), requests: 0, warnings: Vec::new() };
    let mut next = Some(first);
    while let Some(walk) = next {
        walked.requests += 1;
        assert!(walked.requests < 1000, "the walk does not end");
        let number = usize::try_from(walk.number).unwrap();
        let size = usize::try_from(walk.size).unwrap();
        let page = page(number, size);
        let text: Vec<_> = page.iter().map(|record| format!("{{\"id\":{record}}}")).collect();
        let document = Arc::new(Document::new(format!("[{}]", text.join(","))));
        let records = RawJson::root(&document).unwrap().as_items().unwrap();
        // As a binding does that hands the walk through its language.
        let walk: Walk = serde_json::from_str(&serde_json::to_string(&walk).unwrap()).unwrap();
        let turn = walk.turn(&records, total(number), sizes);
        walked.records.extend(&page[turn.skip..]);
        walked.warnings.extend(turn.warning);
        next = turn.next;
    }
    walked
}

fn vendor() -> impl Strategy<Value = Vendor> {
    prop_oneof![
        Just(Vendor::Honest),
        prop_oneof![Just(50_usize), 10..130_usize].prop_map(Vendor::CapsPages),
        prop_oneof![Just(50_usize), 10..130_usize].prop_map(Vendor::CapsRecords),
        (1..130_usize).prop_map(Vendor::Fixed),
        Just(Vendor::Hides),
        Just(Vendor::All),
    ]
}

proptest! {
    #[test]
    fn every_record_comes_once(
        vendor in vendor(),
        count in 0..600_usize,
        size in prop::sample::select(vec![10_u64, 20, 50, 100]),
        is_counted: bool,
        is_listed: bool,
    ) {
        let total = is_counted.then_some(count as u64);
        let sizes = if is_listed { LISTED } else { Limits::NONE.minimum("1").maximum("200") };
        let page = |number, size| vendor.page(count, number, size);
        // Without a total, a cap that is no size of the vendor's cannot be told from the end of the list.
        let is_told = is_counted || !matches!(vendor, Vendor::CapsRecords(most) if ![10, 20, 50, 100].contains(&most));
        prop_assume!(is_told || !is_listed);
        let walked = walk(page, |_| total, Walk::new(1, size), &sizes);
        let expected: Vec<_> = match vendor {
            Vendor::Hides => (0..count).filter(|record| record % 7 != 3).collect(),
            _ => (0..count).collect(),
        };
        prop_assert_eq!(walked.records, expected, "{:?} {}", vendor, count);
    }
}

fn of(vendor: Vendor, count: usize, first: Walk, total: Option<u64>) -> Walked {
    walk(|number, size| vendor.page(count, number, size), |_| total, first, &LISTED)
}

/// The fault that was found: 120 records of which each page gives 50.
#[test]
fn a_vendor_that_caps_its_pages_is_read_to_the_end() {
    for vendor in [Vendor::CapsPages(50), Vendor::CapsRecords(50)] {
        let walked = of(vendor, 120, Walk::new(1, 100), Some(120));
        assert_eq!(walked.records, (0..120).collect::<Vec<_>>());
        assert_eq!((walked.requests, walked.warnings.len()), (3, 0));
        // From a later page on: what lies before it may come too, but nothing behind it is lost.
        let mut records = of(vendor, 620, Walk::new(3, 100), Some(620)).records;
        records.sort_unstable();
        records.retain(|record| *record >= 200);
        assert_eq!(records, (200..620).collect::<Vec<_>>());
    }
}

/// Found by the property: a last page that has as many records as a page of its own could have is still the last.
#[test]
fn a_short_last_page_tells_no_size() {
    let walked = of(Vendor::Hides, 112, Walk::new(1, 20), None);
    assert_eq!(walked.records, (0..112).filter(|record| record % 7 != 3).collect::<Vec<_>>());
    let walked = of(Vendor::Fixed(40), 41, Walk::new(1, 10), Some(41));
    assert_eq!(walked.records, (0..41).collect::<Vec<_>>());
    let walked = of(Vendor::Fixed(23), 572, Walk::new(1, 10), None);
    assert_eq!(walked.records, (0..572).collect::<Vec<_>>());
}

#[test]
fn an_honest_list_costs_no_further_request() {
    for (count, requests) in [(0, 1), (1, 1), (100, 1), (101, 2), (2350, 24)] {
        let walked = of(Vendor::Honest, count, Walk::new(1, 100), Some(count as u64));
        assert_eq!((walked.records.len(), walked.requests), (count, requests));
        assert!(walked.warnings.is_empty());
    }
}

#[test]
fn a_total_that_cannot_be_right_is_a_warning() {
    let below = of(Vendor::Honest, 250, Walk::new(1, 100), Some(120));
    assert_eq!((below.records.len(), below.warnings.len()), (250, 1));
    assert!(
        below.warnings[0].starts_with("the vendor counts 120 records, but its pages have more")
    );
    let above = of(Vendor::Honest, 250, Walk::new(1, 100), Some(400));
    assert_eq!((above.records.len(), above.warnings.len()), (250, 1));
    assert!(above.warnings[0].ends_with("its pages ended after 250"));
}

#[test]
fn pages_that_repeat_end_the_walk() {
    for period in 1..=4 {
        let page = |number: usize, _| (0..100).map(|at| (number % period) * 100 + at).collect();
        for total in [None, Some(50), Some(100_000)] {
            let walked = walk(page, |_| total, Walk::new(1, 100), &LISTED);
            assert_eq!(walked.records.len(), period * 100);
            assert!(walked.warnings.last().unwrap().contains("records of an earlier page"));
        }
    }
}

/// Three full pages are there when the walk begins, and 30 records go while it is on its second.
#[test]
fn a_list_that_becomes_shorter_is_no_contradiction() {
    let page = |number: usize, size: usize| {
        Vendor::Honest.page(if number < 3 { 300 } else { 270 }, number, size)
    };
    let total = |number| Some(if number < 3 { 300 } else { 270 });
    let walked = walk(page, total, Walk::new(1, 100), &LISTED);
    assert_eq!((walked.records.len(), walked.requests, walked.warnings.len()), (270, 3, 0));
}
