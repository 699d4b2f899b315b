//! An embedded cluster that behaves as a real one: Kubernetes and Prometheus over HTTP, from a pure world.

mod world;
