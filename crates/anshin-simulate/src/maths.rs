//! Mathematical functions that give the same bits on every machine.
//!
//! The functions of the standard library call the platform's and differ in the last bits. Here only
//! additions, multiplications, divisions and square roots are used, which IEEE 754 fixes to the bit,
//! and the `libm` crate, which is made of them.

use std::sync::LazyLock;

/// `ln 2` in two parts, the first with trailing zeros so that a small multiple of it is exact.
const LN_2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);

/// The exponential function, correct to about two units in the last place.
///
/// Written without branches so that a loop over it runs on vectors. Below -700 it gives the value
/// at -700, above 700 that at 700.
#[inline]
pub fn exp(x: f64) -> f64 {
    // Added to a number, it leaves the nearest integer in the low bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * std::f64::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = (x - n * LN_2.0) - n * LN_2.1;
    // The power series; the first term left out is below 2e-16 for |r| <= ln 2 / 2.
    let mut sum = 1.0 / 479_001_600.0;
    for factorial in
        [39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0]
    {
        sum = sum * r + 1.0 / factorial;
    }
    // The exponent of a double stands from bit 52 on, with 1023 for 2^0.
    sum * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52))
}

/// For each probability between 0 and 1 the value that a standard normal variable stays below with
/// it, correct to about twelve digits.
///
/// The lower half of the probabilities is cut into cells, 32 to each factor of two, and in
/// each cell a polynomial stands for the function. There are no branches, divisions or logarithms,
/// so that a value takes a few nanoseconds; [`normal_quantile`] takes its time.
pub fn normal_quantiles(probabilities: &[f64], out: &mut Vec<f64>) {
    static TABLE: LazyLock<Vec<[f64; DEGREE + 1]>> = LazyLock::new(quantile_table);
    let table = TABLE.as_slice();
    out.clear();
    out.extend(probabilities.iter().map(|&p| {
        let lower = p.min(1.0 - p);
        let (cell, t) = place(lower);
        let z = polynomial(t, &table[cell.min(table.len() - 1)]);
        if p < 0.5 { z } else { -z }
    }));
}

/// Cells to each factor of two, as a power of two.
const FINE: u32 = 5;
/// Degree of the polynomial of a cell.
const DEGREE: usize = 5;
/// Exponent of the smallest probability that has a cell: simulations draw none below `2^-53`.
const LEAST: u64 = 1023 - 54;

/// The cell of a probability up to a half, and where in the cell it lies, from -0.5 to 0.5.
#[inline]
fn place(p: f64) -> (usize, f64) {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = p.to_bits();
    let cell = (bits >> (52 - FINE)).saturating_sub(LEAST << FINE);
    // What follows the bits that tell the cell, as a number from 1 to 2.
    let within = f64::from_bits(((bits << FINE) & MANTISSA) | (1023 << 52));
    (cell as usize, within - 1.5)
}

/// For each cell a polynomial that goes through the function at as many points as it has
/// coefficients, where they leave the least between them (the zeros of a Chebyshev polynomial).
#[expect(clippy::cast_precision_loss, reason = "small numbers of cells")]
fn quantile_table() -> Vec<[f64; DEGREE + 1]> {
    // Half of the cosines of (2 k + 1) pi / 12.
    const POINTS: [f64; DEGREE + 1] = [
        -0.482_962_913_144_534_1,
        -0.353_553_390_593_273_8,
        -0.129_409_522_551_260_4,
        0.129_409_522_551_260_4,
        0.353_553_390_593_273_8,
        0.482_962_913_144_534_1,
    ];
    let cells = 1_u64 << FINE;
    let octaves = LEAST..1022;
    let mut table: Vec<[f64; DEGREE + 1]> = Vec::new();
    for exponent in octaves {
        let scale = f64::from_bits(exponent << 52);
        for cell in 0..cells {
            let at = |t: f64| normal_quantile(scale * (1.0 + (cell as f64 + 0.5 + t) / cells as f64));
            table.push(through(&POINTS, POINTS.map(at)));
        }
    }
    // A half itself.
    table.push([0.0; DEGREE + 1]);
    table
}

/// The polynomial through points, by Newton's divided differences.
fn through<const N: usize>(points: &[f64; N], mut values: [f64; N]) -> [f64; N] {
    for step in 1..N {
        for n in (step..N).rev() {
            values[n] = (values[n] - values[n - 1]) / (points[n] - points[n - step]);
        }
    }
    let mut sum = [0.0; N];
    for n in (0..N).rev() {
        // sum * (t - points[n]) + values[n]
        for k in (0..N).rev() {
            let below = if k > 0 { sum[k - 1] } else { 0.0 };
            sum[k] = below - points[n] * sum[k];
        }
        sum[0] += values[n];
    }
    sum
}

/// Half-width of the middle probabilities for which [`normal_quantile`] needs no logarithm.
const CENTRE: f64 = 0.425;

/// The value that a standard normal variable stays below with a probability between 0 and 1,
/// correct to about sixteen digits.
///
/// See: M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied
/// Statistics 37 (1988), routine PPND16.
pub fn normal_quantile(p: f64) -> f64 {
    if (p - 0.5).abs() > CENTRE { tail(p) } else { central(p - 0.5) }
}

#[inline]
fn central(q: f64) -> f64 {
    let r = CENTRE * CENTRE - q * q;
    q * polynomial(
        r,
        &[
            3.387_132_872_796_366_5,
            1.331_416_678_917_843_8e2,
            1.971_590_950_306_551_3e3,
            1.373_169_376_550_946e4,
            4.592_195_393_154_987e4,
            6.726_577_092_700_87e4,
            3.343_057_558_358_813e4,
            2.509_080_928_730_122_7e3,
        ],
    ) / polynomial(
        r,
        &[
            1.0,
            4.231_333_070_160_091e1,
            6.871_870_074_920_579e2,
            5.394_196_021_424_751e3,
            2.121_379_430_158_659_7e4,
            3.930_789_580_009_271e4,
            2.872_908_573_572_194_3e4,
            5.226_495_278_852_854e3,
        ],
    )
}

fn tail(p: f64) -> f64 {
    let r = libm::sqrt(-libm::log(p.min(1.0 - p)));
    let z = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(
            r,
            &[
                1.423_437_110_749_683_5,
                4.630_337_846_156_546,
                5.769_497_221_460_691,
                3.647_848_324_763_204_5,
                1.270_458_252_452_368_4,
                2.417_807_251_774_506e-1,
                2.272_384_498_926_918_4e-2,
                7.745_450_142_783_414e-4,
            ],
        ) / polynomial(
            r,
            &[
                1.0,
                2.053_191_626_637_759,
                1.676_384_830_183_803_8,
                6.897_673_349_851e-1,
                1.481_039_764_274_800_8e-1,
                1.519_866_656_361_645_7e-2,
                5.475_938_084_995_345e-4,
                1.050_750_071_644_416_9e-9,
            ],
        )
    } else {
        let r = r - 5.0;
        polynomial(
            r,
            &[
                6.657_904_643_501_103,
                5.463_784_911_164_114,
                1.784_826_539_917_291_3,
                2.965_605_718_285_048_7e-1,
                2.653_218_952_657_612_4e-2,
                1.242_660_947_388_078_4e-3,
                2.711_555_568_743_487_6e-5,
                2.010_334_399_292_288_1e-7,
            ],
        ) / polynomial(
            r,
            &[
                1.0,
                5.998_322_065_558_88e-1,
                1.369_298_809_227_358e-1,
                1.487_536_129_085_061_5e-2,
                7.868_691_311_456_133e-4,
                1.846_318_317_510_054_8e-5,
                1.421_511_758_316_446e-7,
                2.044_263_103_389_939_8e-15,
            ],
        )
    };
    if p < 0.5 { -z } else { z }
}

/// A polynomial by its coefficients, the constant one first.
#[inline]
fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum * x + coefficient;
    }
    sum
}

/// The probability that a standard normal variable stays below a value.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_agrees_with_the_reference() {
        for step in -7000..=7000 {
            let x = f64::from(step) * 0.099_7;
            let (own, reference) = (exp(x), libm::exp(x));
            assert!((own / reference - 1.0).abs() < 5e-16, "exp({x}): {own} {reference}");
        }
        assert!(exp(0.0).to_bits() == 1.0_f64.to_bits());
        assert!(exp(1e9).is_finite() && exp(-1e9) > 0.0);
    }

    #[test]
    fn normal_quantiles_invert_the_distribution() {
        // Both ends of the 90 % interval and a far tail, from tables.
        for (p, z) in [
            (0.5, 0.0),
            (0.95, 1.644_853_626_951_472_2),
            (0.001, -3.090_232_306_167_813_5),
            (1e-12, -7.034_483_825_301_131),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-12, "{p}");
        }
        for step in 1..2000 {
            let p = f64::from(step) / 2000.0;
            assert!((normal_cdf(normal_quantile(p)) - p).abs() < 1e-15 + p * 1e-14, "{p}");
        }
    }

    #[test]
    fn quantiles_from_the_table_are_those_of_the_formula() {
        let mut probabilities: Vec<f64> = (1..200_000).map(|n| f64::from(n) / 200_000.0).collect();
        // Into both tails, as far as a simulation gets.
        let mut p = 0.5;
        while p > 1.2e-16 {
            probabilities.extend([p, 1.0 - p, p * 0.9]);
            p *= 0.77;
        }
        let mut quick = Vec::new();
        normal_quantiles(&probabilities, &mut quick);
        for (&p, &quick) in probabilities.iter().zip(&quick) {
            let slow = normal_quantile(p);
            assert!((quick - slow).abs() < 1e-12 * slow.abs().max(1.0), "{p}: {quick} {slow}");
        }
        assert!(quick.iter().all(|z| z.is_finite()));
    }
}
