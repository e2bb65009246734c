//! Pose of the head: yaw, pitch and roll (ISO/IEC 29794-5:2025, head pose components).
//!
//! The standard's reference implementation estimates pose with a learned model, which is in no
//! registry. Here a mean head of five points is fitted to the five points found, under a scaled
//! orthographic camera (DeMenthon and Davis' first step of POS): good to a few degrees near the
//! front, which is where it matters; beyond about 40 degrees it only says "turned".

use super::{Guidance, Measure, Sample};

/// A mean head in units of the distance between the eyes: right, down, and towards the camera,
/// from the middle between the eyes. Across and down it is the matcher's template made
/// symmetrical, the nose lowered so that the pitch over 488 press photographs has its median at 0;
/// depths are anthropometric means (tip of the nose half an eye distance before the eyes, corners
/// of the mouth a little).
const HEAD: [[f64; 3]; 5] = [
    [-0.5, 0.0, 0.0],
    [0.5, 0.0, 0.0],
    [0.0, 0.64, 0.5],
    [-0.414, 1.156, 0.12],
    [0.414, 1.156, 0.12],
];

/// How a head is turned, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pose {
    /// Towards the picture's right is positive.
    pub(super) yaw_degrees: f32,
    /// Down is positive.
    pub(super) pitch_degrees: f32,
    /// Clockwise in the picture is positive.
    pub(super) roll_degrees: f32,
}

/// The pose from the five points of a face.
pub(super) fn estimate(landmarks: &[[f32; 2]; 5]) -> Pose {
    let [left, right, ..] = landmarks.map(|p| p.map(f64::from));
    let roll = (right[1] - left[1]).atan2(right[0] - left[0]);
    let (sin, cos) = roll.sin_cos();
    let upright = landmarks.map(|p| {
        let [x, y] = p.map(f64::from);
        [cos * x + sin * y, cos * y - sin * x]
    });
    let [across, down] = [0, 1].map(|axis| direction(&upright, axis));
    let turn = |[x, y, z]: [f64; 3]| {
        let length = (x * x + y * y + z * z).sqrt();
        if length > 0.0 {
            (z / length).asin().to_degrees() as f32
        } else {
            0.0
        }
    };
    Pose {
        yaw_degrees: turn(across),
        pitch_degrees: turn(down),
        roll_degrees: roll.to_degrees() as f32,
    }
}

/// The least-squares direction in the head's space that gives the points' coordinates on `axis`.
fn direction(points: &[[f64; 2]; 5], axis: usize) -> [f64; 3] {
    let count = HEAD.len() as f64;
    let middle: [f64; 3] = [0, 1, 2].map(|i| HEAD.iter().map(|p| p[i]).sum::<f64>() / count);
    let centre = points.iter().map(|p| p[axis]).sum::<f64>() / count;
    // Normal equations N·d = r over the centred head.
    let (mut n, mut r) = ([[0.0; 3]; 3], [0.0; 3]);
    for (head, point) in HEAD.iter().zip(points) {
        let h: [f64; 3] = [0, 1, 2].map(|i| head[i] - middle[i]);
        for i in 0..3 {
            r[i] += h[i] * (point[axis] - centre);
            for j in 0..3 {
                n[i][j] += h[i] * h[j];
            }
        }
    }
    // Cramer's rule; the determinant is a constant of `HEAD`, far from zero.
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&n);
    [0, 1, 2].map(|column| {
        let mut replaced = n;
        for (row, value) in replaced.iter_mut().zip(r) {
            row[column] = value;
        }
        determinant(&replaced) / whole
    })
}

/// Yaw, pitch and roll.
pub(super) fn measure(sample: &Sample<'_>) -> [Measure; 3] {
    let pose = estimate(&sample.face().landmarks);
    [
        angle("yaw", pose.yaw_degrees, 20.0, 90.0, Guidance::FaceCamera),
        angle("pitch", pose.pitch_degrees, 20.0, 90.0, Guidance::LevelChin),
        roll(pose.roll_degrees),
    ]
}

/// The roll of a face that lies on its side or upside down: `degrees` clockwise bring it upright.
pub(super) fn lying(degrees: u16) -> Measure {
    let clockwise = 360.0 - f32::from(degrees % 360);
    roll(if clockwise > 180.0 {
        clockwise - 360.0
    } else {
        clockwise
    })
}

fn roll(degrees: f32) -> Measure {
    angle("roll", degrees, 15.0, 180.0, Guidance::StraightenHead)
}

fn angle(name: &'static str, value: f32, limit: f32, end: f32, guidance: Guidance) -> Measure {
    Measure::new(
        name,
        "degrees",
        "own estimate of ISO/IEC 29794-5 head pose, from five points",
        [-end, end],
        value,
        [-limit, limit],
        [guidance, guidance],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean head turned by yaw, pitch and roll (in this order) and seen from the front.
    fn turned(yaw: f64, pitch: f64, roll: f64) -> [[f32; 2]; 5] {
        let [yaw, pitch, roll] = [yaw, pitch, roll].map(f64::to_radians);
        HEAD.map(|[x, y, z]| {
            let (x, z) = (x * yaw.cos() + z * yaw.sin(), z * yaw.cos() - x * yaw.sin());
            let y = y * pitch.cos() + z * pitch.sin();
            let (x, y) = (
                x * roll.cos() - y * roll.sin(),
                x * roll.sin() + y * roll.cos(),
            );
            [(80.0 * x + 300.0) as f32, (80.0 * y + 200.0) as f32]
        })
    }

    #[test]
    fn one_turn_at_a_time_is_recovered() {
        for degrees in [-35.0, -10.0, 0.0, 5.0, 30.0] {
            let yaw = estimate(&turned(degrees, 0.0, 0.0));
            assert!(
                (f64::from(yaw.yaw_degrees) - degrees).abs() < 0.5,
                "{yaw:?}"
            );
            let pitch = estimate(&turned(0.0, degrees, 0.0));
            assert!(
                (f64::from(pitch.pitch_degrees) - degrees).abs() < 0.5,
                "{pitch:?}"
            );
            let roll = estimate(&turned(0.0, 0.0, degrees));
            assert!(
                (f64::from(roll.roll_degrees) - degrees).abs() < 0.5,
                "{roll:?}"
            );
            assert!(roll.yaw_degrees.abs() < 0.5 && roll.pitch_degrees.abs() < 0.5);
        }
    }

    #[test]
    fn points_that_coincide_are_no_turn_and_no_panic() {
        let pose = estimate(&[[4.0, 4.0]; 5]);
        assert_eq!(pose.yaw_degrees, 0.0);
        assert_eq!(pose.pitch_degrees, 0.0);
    }
}
