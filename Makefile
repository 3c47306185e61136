.PHONY: demo run test check bench clean tools

# Memory that was freed goes back to the system after 20 ms, not after a second.
export MIMALLOC_PURGE_DELAY ?= 20

# The budget year of several units, told as a story, ends with the verifier's report.
demo:
	cargo build --quiet --bin yitihua
	./target/debug/yitihua demo $(if $(LANG_EN),--lang en,)

# The platform with a demonstration province on 127.0.0.1:8080, until Ctrl-C.
run:
	cargo build --quiet --bin yitihua
	./target/debug/yitihua

# Everything, on SQLite and then on PostgreSQL (found, started privately, or installed).
test:
	cargo test --workspace --quiet
	YITIHUA_POSTGRES_OPTIONS=fsync=off scripts/with-postgres cargo test --workspace --quiet

# Format, lints, dependencies and licences, imports and generated files.
check: tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo deny --offline --log-level error check bans licenses sources
	cargo test --quiet -p integration-tests --test it architecture::

tools:
	@command -v cargo-deny >/dev/null || cargo install --quiet --locked --debug cargo-deny

# Payments per second in one table: pgbench, the engine in process, the full path; on a PostgreSQL that waits for its disk.
bench:
	cargo build --quiet --release --bin yitihua
	YITIHUA_POSTGRES_OPTIONS=synchronous_commit=on scripts/with-postgres cargo bench --quiet -p integration-tests --bench payments

clean:
	cargo clean
