# SPDX-License-Identifier: GPL-2.0-only
#
#   make            user space: libmhsm, mhsm, mhsmd, mhsm-quorum
#   make module     mhsm.ko for the kernels in KERNELS (default "6.1 6.12")
#   make check      everything, from dependencies to virtual machines
#   make check-unit | check-kunit | check-vm      its parts
#   make check-long the differential tests against OpenSSL, power cuts, and
#                   revocation under I/O on the debug kernel, at length (hours)
#   make demo       a guest that is provisioned, rebooted, and used
#   make bench      build/bench.json and a table; bench-native, bench-timing,
#                   bench-guest, bench-smp
#   make style      checkpatch (fatal), clang-format (advice)
#   make install    DESTDIR= PREFIX=/usr; dkms-install for the module
#   make deps       packages that all of this needs (Debian 12)
#
# Adding a source or a test needs no change here: sources are found by folder,
# and what a test or program takes from elsewhere is named in its own file, in
# a comment that begins with "link:", as in
#   /* link: kmod/pk/p256.c daemon/json.c -lcrypto */
# which ends with the comment, or at an empty line in it. It has paths from the
# top, `-l` libraries, `-D` and `-W` flags, and the words "libmhsm" (the static
# library) and "pkg:NAME" (pkg-config).

PREFIX ?= /usr
DESTDIR ?=
SYSCONFDIR ?= /etc
CC = gcc
CLANG ?= clang
KERNELS ?= 6.1 6.12
export MHSM_JOBS ?= 2
B := build

version := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# ---- flags -----------------------------------------------------------------

pkgs := jansson libmicrohttpd sqlite3 libcurl libnl-genl-3.0 libsystemd \
	libseccomp openssl
pkg_cflags := $(shell pkg-config --cflags $(pkgs) 2>/dev/null)
pkg = $(shell pkg-config --libs $(1))

quorum_path := $(PREFIX)/libexec/mhsm/mhsm-quorum
CPPFLAGS += -I. -Iuapi -Ilib -D_GNU_SOURCE -DMHSM_VERSION=\"$(version)\" \
	-DMHSM_QUORUM_PATH=\"$(quorum_path)\" $(pkg_cflags)
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Werror
hardening := -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection
LDFLAGS += -Wl,-z,relro,-z,now -Wl,--as-needed

# Objects that an earlier build made from the same sources, in any clone, come
# from the tests' cache.
ccache := $(shell command -v ccache)
export CCACHE_DIR := $(or $(MHSM_CACHE),$(HOME)/.cache/mhsm)/ccache
export CCACHE_NOHASHDIR := 1

# A flavour is one way to compile: its compiler, its flags, a tree of objects.
flavours := pie pic unit clang ct fuzz plain
cc_pie := $(CC)
flags_pie := $(hardening) -fPIE
link_pie := -pie
cc_pic := $(CC)
flags_pic := $(hardening) -fPIC
cc_unit := $(CC)
flags_unit := -O1 -fno-omit-frame-pointer -DMHSM_TEST \
	-fsanitize=address,undefined -fno-sanitize-recover=all
link_unit := -fsanitize=address,undefined
cc_clang := $(CLANG)
flags_clang := -DMHSM_TEST -Wno-unused-command-line-argument
cc_ct := $(CC)
flags_ct := -DMHSM_TEST -DMHSM_PK_CT_TEST -DMHSM_CT_TEST
cc_fuzz := $(CLANG)
flags_fuzz := -O1 -DMHSM_TEST -DMHSM_FUZZ -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
link_fuzz := -fsanitize=fuzzer,address,undefined
cc_plain := $(CC)
flags_plain := -O2 -DMHSM_TEST

# Files of the kernel module, where they are built for user space.
kmod_flags := -DMHSM_USER -Itests/unit/shim

# ---- links -----------------------------------------------------------------

# One pass over all sources that may hold a "link:" comment; the answer is a
# list of FILE|WORD.
linked := $(wildcard tests/unit/*.c tests/ct/*.c tests/fuzz/*.c \
	tests/kselftest/*.c tests/bench/*.c tests/differ/*.c tools/*.c daemon/*.c \
	daemon/store/*.c daemon/quorum/*.c lib/*.c)
links := $(if $(linked),$(shell awk 'FNR == 1 { on = 0 } \
	/link:/ && FNR <= 40 { on = 1; \
	sub(/.*link:/, "") } on && /^ *\*? *$$/ { on = 0 } \
	on { line = $$0; if (sub(/\*\/.*/, "", line)) last = 1; \
	n = split(line, w); for (i = 1; i <= n; i++) if (w[i] != "*") \
	print FILENAME "|" w[i]; if (last) { on = last = 0 } }' $(linked)))
linkwords = $(patsubst $(1)|%,%,$(filter $(1)|%,$(links)))

# objects FLAVOUR,FILES
objects = $(patsubst %.c,$(B)/obj/$(1)/%.o,$(2))
libs_of = $(filter -l%,$(1)) $(foreach p,$(patsubst pkg:%,%,$(filter pkg:%,$(1))),$(call pkg,$(p))) \
	$(if $(filter libmhsm,$(1)),$(B)/libmhsm.a -lcrypto)
flags_of = $(filter -D% -W% -f% -I%,$(1))

# program NAME,FLAVOUR,SOURCES,WORDS,LIBS: one executable.
define program
$(1): $(call objects,$(2),$(sort $(3) $(filter %.c,$(4)))) \
		$(if $(filter libmhsm,$(4)),$(B)/libmhsm.a)
	@mkdir -p $$(@D)
	$$(cc_$(2)) $$(CFLAGS) $$(flags_$(2)) $$(LDFLAGS) $$(link_$(2)) -o $$@ \
		$$(filter %.o,$$^) $(5) $(call libs_of,$(4))
endef
define program_flags
$(call objects,$(1),$(2)): own_flags := $(3)
endef

# test NAME,FLAVOUR,SOURCE,LIBS: a program of one source and its links.
define test
$(call program,$(1),$(2),$(3),$(call linkwords,$(3)),$(4))
$(if $(call flags_of,$(call linkwords,$(3))),\
	$(call program_flags,$(2),$(3),$(call flags_of,$(call linkwords,$(3)))))
endef

# ---- user space ------------------------------------------------------------

lib_src := $(sort $(wildcard lib/*.c))
tools_src := $(sort $(wildcard tools/*.c))
daemon_src := $(sort $(wildcard daemon/*.c daemon/store/*.c))
quorum_src := $(sort $(wildcard daemon/quorum/*.c))
links_of = $(foreach f,$(1),$(call linkwords,$(f)))

programs := $(if $(tools_src),$(B)/mhsm) $(if $(daemon_src),$(B)/mhsmd) \
	$(if $(quorum_src),$(B)/mhsm-quorum)
libraries := $(if $(lib_src),$(B)/libmhsm.so.0 $(B)/libmhsm.a)

# The plugin by which cryptsetup knows volumes of ours.
token_handler := $(B)/libcryptsetup-token-mhsm.so
token_src := cryptsetup/token.c

.PHONY: all lib tools daemon cryptsetup
all: lib tools daemon cryptsetup
cryptsetup: $(token_handler)
lib: $(libraries)
tools: $(filter %/mhsm,$(programs))
daemon: $(filter %/mhsmd %/mhsm-quorum,$(programs))

lib_map := $(wildcard lib/libmhsm.map)
$(B)/libmhsm.so.0: $(call objects,pic,$(lib_src) $(filter %.c,$(call links_of,$(lib_src)))) $(lib_map)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,--no-undefined \
		$(addprefix -Wl$(comma)--version-script=,$(lib_map)) -o $@ \
		$(filter %.o,$^) $(call pkg,libcrypto) \
		$(call libs_of,$(call links_of,$(lib_src)))
	ln -sf $(@F) $(B)/libmhsm.so
comma := ,

$(B)/libmhsm.a: $(call objects,pic,$(lib_src) $(filter %.c,$(call links_of,$(lib_src))))
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(token_handler): $(call objects,pic,$(token_src)) $(B)/libmhsm.a cryptsetup/token.map
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,--no-undefined -Wl,--exclude-libs,ALL \
		-Wl,--version-script=cryptsetup/token.map -o $@ $(filter %.o,$^) $(B)/libmhsm.a \
		$(call pkg,libcryptsetup json-c libcrypto)

$(eval $(call program,$(B)/mhsm,pie,$(tools_src),libmhsm $(call links_of,$(tools_src)),\
	$(call pkg,libcurl jansson openssl)))
$(eval $(call program,$(B)/mhsmd,pie,$(daemon_src),$(call links_of,$(daemon_src)),\
	$(call pkg,jansson libmicrohttpd sqlite3 libnl-genl-3.0 libsystemd libseccomp openssl) -pthread))
$(eval $(call program,$(B)/mhsm-quorum,pie,$(quorum_src),$(call links_of,$(quorum_src)),\
	$(call pkg,jansson libseccomp openssl)))

# ---- tests and benchmarks --------------------------------------------------

name = $(basename $(notdir $(1)))
unit_src := $(sort $(wildcard tests/unit/test_*.c))
ct_src := $(sort $(wildcard tests/ct/ct_*.c))
fuzz_src := $(sort $(wildcard tests/fuzz/fuzz_*.c))
kself_src := $(sort $(wildcard tests/kselftest/*.c))
bench_src := $(sort $(wildcard tests/bench/*.c))
differ_src := $(sort $(wildcard tests/differ/differ_*.c))

$(foreach f,$(unit_src),$(eval $(call test,$(B)/unit/$(call name,$(f)),unit,$(f),-lcmocka)))
$(foreach f,$(unit_src),$(eval $(call test,$(B)/clang/$(call name,$(f)),clang,$(f),-lcmocka)))
$(foreach f,$(ct_src),$(eval $(call test,$(B)/ct/$(call name,$(f)),ct,$(f),)))
$(foreach f,$(fuzz_src),$(eval $(call test,$(B)/fuzz/$(call name,$(f)),fuzz,$(f),)))
$(foreach f,$(bench_src),$(eval $(call test,$(B)/bench/$(call name,$(f)),plain,$(f),)))
$(foreach f,$(differ_src),$(eval $(call test,$(B)/differ/$(call name,$(f)),plain,$(f),)))
# Programs that run in guests link libmhsm without being asked to.
$(foreach f,$(kself_src),$(eval $(call program,$(B)/kselftest/$(call name,$(f)),plain,$(f),\
	$(call linkwords,$(f)) $(if $(lib_src),libmhsm),-pthread)))

# Keys for them and for tests/vm, BITS-NUMBER: see tests/kselftest/hsm/rsakey.h.
rsa_key_names := 2048-1 2048-2 2048-3 2048-4 2048-5 3072-1 4096-1
rsa_keys := $(rsa_key_names:%=$(B)/kselftest/rsa-%.pem)
$(rsa_keys): $(B)/kselftest/rsa-%.pem:
	@mkdir -p $(@D)
	openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:$(firstword $(subst -, ,$*)) -out $@.new
	mv $@.new $@

unit_bin := $(foreach f,$(unit_src),$(B)/unit/$(call name,$(f)) $(B)/clang/$(call name,$(f)))
ct_bin := $(foreach f,$(ct_src),$(B)/ct/$(call name,$(f)))
fuzz_bin := $(foreach f,$(fuzz_src),$(B)/fuzz/$(call name,$(f)))
kself_bin := $(foreach f,$(kself_src),$(B)/kselftest/$(call name,$(f)))
bench_bin := $(foreach f,$(bench_src),$(B)/bench/$(call name,$(f)))
differ_bin := $(foreach f,$(differ_src),$(B)/differ/$(call name,$(f)))

$(kself_bin): | $(rsa_keys)

# ---- compiling -------------------------------------------------------------

define compile
$(B)/obj/$(1)/kmod/%.o: kmod/%.c
	@mkdir -p $$(@D)
	$(ccache) $$(cc_$(1)) $(kmod_flags) $$(CPPFLAGS) $$(CFLAGS) $$(flags_$(1)) -MMD -MP -c -o $$@ $$<
$(B)/obj/$(1)/tests/%.o: tests/%.c
	@mkdir -p $$(@D)
	$(ccache) $$(cc_$(1)) $(kmod_flags) $$(CPPFLAGS) $$(CFLAGS) $$(flags_$(1)) $$(own_flags) -MMD -MP -c -o $$@ $$<
$(B)/obj/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(ccache) $$(cc_$(1)) $$(CPPFLAGS) $$(CFLAGS) $$(flags_$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach f,$(flavours),$(eval $(call compile,$(f))))
.SECONDARY:
-include $(shell [ -d $(B)/obj ] && find $(B)/obj -name '*.d')

# ---- module ----------------------------------------------------------------

.PHONY: module module-6.1 module-6.12 module-debug
module: $(addprefix module-,$(KERNELS))
module-6.1 module-6.12 module-debug: module-%:
	tests/vm/module $*

# ---- checks ----------------------------------------------------------------

.PHONY: deps check check-unit check-kunit check-vm check-long tests
deps:
	scripts/deps

# Built with -k: what does not build is then counted, by tests/run, as failed.
tests: $(unit_bin) $(ct_bin) $(fuzz_bin) $(differ_bin) $(kself_bin)
# $(call build_for_check,TARGETS)
build_for_check = +nice $(MAKE) -k -j$(MHSM_JOBS) $(1) || \
	echo "make: not everything was built; tests of what is missing fail" >&2

check: deps
	$(call build_for_check,all tests module module-debug)
	tests/run unit ct fuzz differ kunit vm
check-unit:
	$(call build_for_check,all $(unit_bin) $(ct_bin) $(fuzz_bin) $(differ_bin))
	tests/run unit ct fuzz differ
check-long:
	$(call build_for_check,all $(differ_bin) $(B)/kselftest/revoke module module-debug)
	MHSM_LONG=1 nice tests/run differ
	MHSM_VOLUMECUTS=20 nice tests/run -k test_volumecut vm
	truncate -s 16M $(B)/revoke.disk
	# Waiting for grace periods would be a third of each round.
	nice tests/vm/run --kernel debug --append rcupdate.rcu_expedited=1 \
		--disk $(B)/revoke.disk --timeout 86400 \
		tests/vm/revoke_boot.sh 1000
check-kunit:
	tests/run kunit
check-vm:
	$(call build_for_check,all $(kself_bin) module module-debug)
	tests/run vm

# ---- demonstration and figures ---------------------------------------------

.PHONY: demo bench bench-native bench-timing bench-guest bench-smp
demo: all module
	tests/vm/demo.sh
bench: bench-native bench-timing bench-guest bench-smp
	tests/bench/merge
bench-native: $(bench_bin)
	tests/bench/merge native
bench-timing: $(bench_bin)
	tests/bench/merge timing
bench-guest: all $(bench_bin) $(kself_bin) module
	tests/bench/merge guest
bench-smp: all $(bench_bin) module
	tests/bench/merge smp

# ---- style -----------------------------------------------------------------

.PHONY: style
style:
	scripts/style

# ---- installation ----------------------------------------------------------

.PHONY: install dkms-install
bindir = $(DESTDIR)$(PREFIX)/bin
libdir = $(DESTDIR)$(PREFIX)/lib
# Where Debian's libcryptsetup looks for its plugins.
token_dir = $(libdir)/$(shell $(CC) -print-multiarch)/cryptsetup
# Where initramfs-tools looks, and nowhere else.
initramfs_dir = $(DESTDIR)/usr/share/initramfs-tools
# put MODE,FILES,FOLDER: installs files, if there are any.
put = $(if $(strip $(2)),install -d $(3) && install -m $(1) -t $(3) $(2))
# put_as SUFFIX,FOLDER,NEW: dist/X.SUFFIX becomes FOLDER/X.NEW (or X).
put_as = $(foreach f,$(wildcard dist/*.$(1)),install -D -m 644 $(f) \
	$(2)/$(basename $(notdir $(f)))$(3) &&) true

install: all
	$(call put,755,$(filter %/mhsm,$(programs)),$(bindir))
	$(call put,755,$(filter %/mhsmd,$(programs)),$(DESTDIR)$(PREFIX)/sbin)
	$(call put,755,$(filter %/mhsm-quorum,$(programs)),$(DESTDIR)$(dir $(quorum_path)))
	$(call put,644,$(libraries),$(libdir))
	$(if $(libraries),ln -sf libmhsm.so.0 $(libdir)/libmhsm.so)
	$(call put,644,$(token_handler),$(token_dir))
	$(call put,644,$(wildcard lib/mhsm.h),$(DESTDIR)$(PREFIX)/include)
	$(call put,644,$(wildcard uapi/*.h),$(DESTDIR)$(PREFIX)/include/mhsm)
	$(foreach s,1 3 5 7 8,$(if $(wildcard man/*.$(s)),\
		$(call put,644,$(wildcard man/*.$(s)),$(DESTDIR)$(PREFIX)/share/man/man$(s)) &&)) true
	$(if $(wildcard lib/libmhsm.pc.in),install -d $(libdir)/pkgconfig && \
		sed 's|@PREFIX@|$(PREFIX)|; s|@INCLUDEDIR@|$(PREFIX)/include|; \
			s|@LIBDIR@|$(PREFIX)/lib|; s|@VERSION@|$(version)|' \
		lib/libmhsm.pc.in >$(libdir)/pkgconfig/libmhsm.pc)
	$(call put,644,$(wildcard dist/*.service dist/*.socket dist/*.timer),$(libdir)/systemd/system)
	$(call put_as,sysusers,$(libdir)/sysusers.d,.conf)
	$(call put_as,tmpfiles,$(libdir)/tmpfiles.d,.conf)
	$(call put_as,rules,$(libdir)/udev/rules.d,.rules)
	$(call put_as,modules-load,$(libdir)/modules-load.d,.conf)
	$(call put_as,bash-completion,$(DESTDIR)$(PREFIX)/share/bash-completion/completions,)
	$(call put_as,conf,$(DESTDIR)$(SYSCONFDIR)/mhsm,.conf)
	install -D -m 755 dist/initramfs/hook $(initramfs_dir)/hooks/mhsm
	install -D -m 755 dist/initramfs/local-top $(initramfs_dir)/scripts/local-top/mhsm

# The module's sources only, where dkms looks for them.
dkms_src = $(DESTDIR)/usr/src/mhsm-$(version)
dkms-install:
	rm -rf $(dkms_src)
	scripts/sync-module $(dkms_src)
	$(if $(DESTDIR),,dkms add -m mhsm -v $(version) && \
		dkms build -m mhsm -v $(version) && \
		dkms install -m mhsm -v $(version))

.PHONY: clean
clean:
	rm -rf $(B)
