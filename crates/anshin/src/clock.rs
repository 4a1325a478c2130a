//! The one place that reads the clock: dates of what people answer, accept and write.

/// Today's date in universal time, `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}
