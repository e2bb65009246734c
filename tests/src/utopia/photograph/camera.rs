//! Where a point of the desk falls in the picture: a pinhole camera looking at a plane.
//!
//! Places in the picture are in pixels, (0, 0) at the outer corner of the upper left pixel, so that the
//! middle of that pixel is (0.5, 0.5).

/// A place with the precision that projection needs.
pub type Place = [f64; 2];

/// A projective map of the plane, row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homography(pub [[f64; 3]; 3]);

impl Homography {
    /// A plain shift.
    #[must_use]
    pub const fn shift(x: f64, y: f64) -> Self {
        Self([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
    }

    /// The same enlargement in every direction.
    #[must_use]
    pub const fn scale(by: f64) -> Self {
        Self([[by, 0.0, 0.0], [0.0, by, 0.0], [0.0, 0.0, 1.0]])
    }

    /// A turn around the origin, clockwise where y runs down.
    #[must_use]
    pub fn turn(degrees: f64) -> Self {
        let (s, c) = libm::sincos(degrees.to_radians());
        Self([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    }

    /// First `self`, then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let (a, b) = (&next.0, &self.0);
        Self(std::array::from_fn(|i| {
            std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum())
        }))
    }

    /// Where a place falls.
    #[must_use]
    pub fn apply(&self, p: Place) -> Place {
        let [x, y, w] = self.homogeneous(p);
        [x / w, y / w]
    }

    /// Where a place falls, in homogeneous coordinates.
    #[must_use]
    pub fn homogeneous(&self, p: Place) -> [f64; 3] {
        self.0.map(|row| row[0] * p[0] + row[1] * p[1] + row[2])
    }

    /// The way back. (A camera's map always has one: it never looks along the desk.)
    #[must_use]
    pub fn inverse(&self) -> Self {
        let m = &self.0;
        let minor = |r0: usize, r1: usize, c0: usize, c1: usize| {
            m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0]
        };
        let det =
            m[0][0] * minor(1, 2, 1, 2) - m[0][1] * minor(1, 2, 0, 2) + m[0][2] * minor(1, 2, 0, 1);
        let adjugate = [
            [minor(1, 2, 1, 2), -minor(0, 2, 1, 2), minor(0, 1, 1, 2)],
            [-minor(1, 2, 0, 2), minor(0, 2, 0, 2), -minor(0, 1, 0, 2)],
            [minor(1, 2, 0, 1), -minor(0, 2, 0, 1), minor(0, 1, 0, 1)],
        ];
        Self(adjugate.map(|row| row.map(|v| v / det)))
    }

    /// A camera that looks at the desk's origin, so far above it (in millimetres) and of so long a focal
    /// length (in pixels), tilted by so much towards a direction and then rotated about its axis. The
    /// origin falls on (0, 0).
    #[must_use]
    pub fn camera(
        distance_mm: f64,
        focal_px: f64,
        tilt_degrees: f64,
        towards_degrees: f64,
        rotation_degrees: f64,
    ) -> Self {
        let (s, c) = libm::sincos(tilt_degrees.to_radians());
        // Tilting about the desk's x axis, in a frame turned so that the direction wanted is y.
        let tilted = Self([
            [focal_px, 0.0, 0.0],
            [0.0, focal_px * c, 0.0],
            [0.0, s, distance_mm],
        ]);
        Self::turn(-towards_degrees)
            .then(&tilted)
            .then(&Self::turn(towards_degrees))
            .then(&Self::turn(rotation_degrees))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Place, b: Place) {
        assert!(
            (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6,
            "{a:?} is not {b:?}"
        );
    }

    #[test]
    fn a_camera_and_its_inverse_cancel() {
        let camera = Homography::camera(300.0, 1500.0, 25.0, 70.0, 130.0);
        for p in [[0.0, 0.0], [60.0, -40.0], [-10.5, 33.0]] {
            near(camera.inverse().apply(camera.apply(p)), p);
        }
        near(camera.apply([0.0, 0.0]), [0.0, 0.0]);
    }

    #[test]
    fn an_upright_camera_only_enlarges_and_turns() {
        let camera = Homography::camera(300.0, 1500.0, 0.0, 12.0, 90.0);
        near(camera.apply([10.0, 0.0]), [0.0, 50.0]);
        near(camera.apply([0.0, 10.0]), [-50.0, 0.0]);
    }

    #[test]
    fn what_is_farther_off_is_smaller() {
        let camera = Homography::camera(300.0, 1500.0, 30.0, 0.0, 0.0);
        let near_edge = camera.apply([10.0, -50.0])[0] - camera.apply([-10.0, -50.0])[0];
        let far_edge = camera.apply([10.0, 50.0])[0] - camera.apply([-10.0, 50.0])[0];
        assert!(near_edge > far_edge * 1.1);
    }
}
