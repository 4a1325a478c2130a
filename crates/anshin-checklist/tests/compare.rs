//! A value among those of others.

#![allow(clippy::float_cmp, reason = "the values are exact")]

use anshin_checklist::compare::{Reference, histogram, place};
use proptest::prelude::*;

#[test]
fn the_deviation_value_is_50_at_the_mean_and_10_for_each_standard_deviation() {
    let others = [60.0, 80.0, 100.0, 120.0];
    let at = |value: f64| place(value, &others).expect("there are others");
    assert_eq!((at(90.0).mean, at(90.0).standing), (90.0, Some(50.0)));
    let deviation = 500.0_f64.sqrt();
    assert_eq!(at(90.0).deviation, deviation);
    assert_eq!(at(90.0 + deviation).standing, Some(60.0));
    assert_eq!((at(110.0).below, at(110.0).others), (3, 4));
    assert_eq!(place(1.0, &[]), None);
    assert_eq!(place(1.0, &[2.0, 2.0]).and_then(|place| place.standing), None);
}

#[test]
fn reference_data_is_read_by_its_headings() {
    let text = "\u{feff}group,total,risk-index\n# a remark\nI,81,12\nII,114,9\n\nI,93,10\n";
    let reference = Reference::from_csv(text).expect("it is right");
    assert_eq!(reference.values("total", None), [81.0, 114.0, 93.0]);
    assert_eq!(reference.values("total", Some("I")), [81.0, 93.0]);
    assert_eq!(reference.values("nothing", None), [0.0; 0]);
    for (wrong, word) in
        [("", "nothing"), ("total\nx\n", "line 2"), ("total,a\n1\n", "line 2"), ("total\nNaN\n", "line 2")]
    {
        let message = Reference::from_csv(wrong).expect_err("it is wrong").0;
        assert!(message.get(anshin_model::Lang::En).contains(word), "{message:?}");
    }
}

proptest! {
    #[test]
    fn a_histogram_counts_everybody(values in prop::collection::vec(-10.0..150.0f64, 0..50), bars in 1usize..20) {
        let counts = histogram(&values, 0.0, 135.0, bars);
        prop_assert_eq!((counts.len(), counts.iter().sum::<usize>()), (bars, values.len()));
    }
}
