#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# LUKS2 volumes of the HSM in the hands of the stock cryptsetup, which opens
# them by their token, without a passphrase; moved to another key; and made of
# ordinary volumes.
#
# kernels: 6.1 6.12
# group: volumes
# disk: 64M
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/volume.sh
. "$MHSM_SRC/tests/vm/volume.sh"

disk=${MHSM_DISKS%% *}
volume_begin
ok "a KEK is made" hsm kek disks
head -c 262144 /dev/urandom >"$work/data"
want=$(digest cat "$work/data")

# ---- the plugin -------------------------------------------------------------

ok "a volume is formatted" mhsm volume format "$disk" --kek disks
ok "cryptsetup opens it without a passphrase" cryptsetup open "$disk" data </dev/null
ok "data is written" dd if="$work/data" of=/dev/mapper/data bs=64k oflag=direct
ok "closed" cryptsetup close data
code "open --token-only" 0 '' cryptsetup open --token-only "$disk" data
is "reads it" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed again" cryptsetup close data
code "open by type" 0 '' cryptsetup open --token-only --token-type mhsm "$disk" data
ok "closed once more" cryptsetup close data
code "luksDump shows the token" 0 'Key: +disks.*Data key: 512 bits' cryptsetup luksDump "$disk"
ok "the token is exported" cryptsetup token export --token-id 0 --json-file "$work/token.json" "$disk"
ok "and removed" cryptsetup token remove --token-id 0 "$disk"
code "without it nothing opens" 1 '' cryptsetup open --token-only "$disk" data
echo '{"type":"mhsm","keyslots":["0"],"kek":"disks","token":"AAAA"}' >"$work/bad.json"
code "a damaged token is not imported" 1 'takes "kek"' \
	cryptsetup token import --token-id 0 --json-file "$work/bad.json" "$disk"
ok "the token is imported" cryptsetup token import --token-id 0 --json-file "$work/token.json" "$disk"
code "opens again" 0 '' cryptsetup open --token-only "$disk" data
ok "lock" hsm lock
ok "closed while locked" cryptsetup close data
code "the HSM is locked, it says" 1 "mhsm: $disk: the HSM is locked: have its custodians" \
	cryptsetup open --token-only "$disk" data
ok "unlock" hsm unlock
code "opens after unlocking" 0 '' cryptsetup open --token-only "$disk" data
is "the data is there" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed at last" cryptsetup close data

# ---- suspend and resume, list and info --------------------------------------

ok "opened to be suspended" mhsm volume open "$disk" data
is "it is in the list" "$(mhsm volume list -o tsv | cut -f1-4)" "$disk	data	open	disks"
ok "suspended" mhsm volume suspend data
like "the table has no key any more" "$(dmsetup table --showkeys data)" ' crypt [^ ]* 0{256} '
is "info says so" "$(mhsm volume info "$disk" -o json | jsonat state key keyStatus)" \
	"suspended disks newest version"
nok "device-mapper does not resume it" dmsetup resume data
code "it is not suspended twice" 6 'uspended' mhsm volume suspend data
ok "locked meanwhile" hsm lock
code "it is not resumed while the HSM is locked" 5 'security-domain approve' mhsm volume resume data
ok "unlocked again" hsm unlock
dd if=/dev/mapper/data of="$work/late" bs=64k count=4 iflag=direct status=none &
reader=$!
nok "a reader waits" wait_for 1 eval "! kill -0 $reader"
ok "resumed" mhsm volume resume data
wait $reader
is "the reader goes on, with its data" "$(digest cat "$work/late")" "$want"
code "it is not resumed twice" 6 'not suspended' mhsm volume resume data
ok "cryptsetup resumes, too" eval "mhsm volume suspend data && cryptsetup luksResume --token-only data"
is "it reads" "$(digest dd if=/dev/mapper/data bs=64k count=4 iflag=direct status=none)" "$want"
ok "mhsm closes" mhsm volume close data
code "nothing is open under that name" 4 'no volume is open' mhsm volume suspend data

# ---- rotate: another version, another key -----------------------------------

ok "a volume is closed and rotated to the same version" mhsm volume rotate "$disk"
ok "a new version of its key" hsm kek disks
before=$(cryptsetup luksDump "$disk" | grep 'Version: .*[0-9a-f]\{32\}')
ok "open while it is rotated" cryptsetup open --token-only "$disk" data
ok "rotated" mhsm volume rotate "$disk"
nok "the header names another version" test "$(cryptsetup luksDump "$disk" | grep 'Version: .*[0-9a-f]\{32\}')" = "$before"
is "it goes on reading" "$(digest dd if=/dev/mapper/data bs=64k count=4 iflag=direct status=none)" "$want"
ok "closed after that" cryptsetup close data
code "opens with the new version" 0 '' cryptsetup open --token-only "$disk" data
is "and has its data" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed, rotated" cryptsetup close data
ok "another key" hsm kek others
ok "rotated to that one" mhsm volume rotate "$disk" --kek others
ok "the old one is deleted" hsm delete disks
ok "and purged" hsm purge disks
code "opens without it" 0 '' cryptsetup open --token-only "$disk" data
is "and has its data still" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "and is closed" cryptsetup close data

# ---- other tools that know LUKS2 --------------------------------------------

ok "systemd-cryptsetup attaches it by its token" \
	/lib/systemd/systemd-cryptsetup attach data "$disk" - luks,headless=1
is "with its data" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "cryptsetup resizes it" cryptsetup resize --token-only --size 20000 data
is "to that size" "$(blockdev --getsz /dev/mapper/data)" 20000
ok "and back" cryptsetup resize --token-only data
ok "systemd-cryptsetup detaches it" /lib/systemd/systemd-cryptsetup detach data
ok "the header is backed up" cryptsetup luksHeaderBackup "$disk" --header-backup-file "$work/header"
ok "and lost" dd if=/dev/zero of="$disk" bs=1M count=16 conv=fsync status=none
code "nothing opens" 1 'not a LUKS2 volume' mhsm volume open "$disk" data
ok "the header is restored" cryptsetup luksHeaderRestore -q "$disk" --header-backup-file "$work/header"
ok "and opens" mhsm volume open "$disk" data
is "with its data" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed" mhsm volume close data

# reencrypt: another data key, a token of which is made before.
ok "a new data key" mhsm volume token --kek others --out "$work/new.token"
cryptsetup token export --token-id 0 "$disk" | jsonat token | base64 -d >"$work/old.token"
ok "a smaller device over the first" dmsetup create small --table "0 34816 linear $disk 0"
ok "reencrypt" cryptsetup reencrypt -q --key-file "$work/old.token" --volume-key-file "$work/new.token" \
	--key-size 1024 --cipher paes-xts-plain64 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	/dev/mapper/small
ok "its header is put in order" mhsm volume rotate /dev/mapper/small
code "the new key opens it" 0 '' cryptsetup open --token-only /dev/mapper/small data
is "with its data" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed" mhsm volume close data
ok "the small device goes" dmsetup remove small

# A volume made by hand, with a passphrase, becomes one of ours.
echo -n passphrase >"$work/pass"
ok "luksFormat with its token" cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	--cipher paes-xts-plain64 --key-size 1024 --volume-key-file "$work/new.token" "$disk" "$work/pass"
ok "convert" mhsm volume convert "$disk" --kek others --key-file "$work/pass" --header-backup "$work/by-hand"
code "the HSM opens it" 0 '' cryptsetup open --token-only "$disk" data
ok "closed, that, too" mhsm volume close data

# ---- convert: an ordinary volume --------------------------------------------

ok "an ordinary volume" cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	"$disk" "$work/pass"
ok "is open" cryptsetup open --key-file "$work/pass" "$disk" data
ok "and holds a file system" mkfs.ext4 -q -E nodiscard /dev/mapper/data
mkdir "$work/mnt"
ok "mounted" mount /dev/mapper/data "$work/mnt"
cp "$work/data" "$work/mnt/"
code "not converted while it is open" 6 'close it first' mhsm volume convert "$disk" --kek others \
	--header-backup "$work/backup" --key-file "$work/pass"
ok "unmounted" umount "$work/mnt"
ok "closed for conversion" cryptsetup close data
ok "converted" mhsm volume convert "$disk" --kek others --header-backup "$work/backup" --key-file "$work/pass"
code "the passphrase is gone" 2 '' cryptsetup open --disable-external-tokens --key-file "$work/pass" "$disk" data
code "the HSM opens it" 0 '' cryptsetup open --token-only "$disk" data
like "with the HSM's cipher" "$(dmsetup table data)" 'paes'
ok "the file system is whole" fsck.ext4 -fn /dev/mapper/data
ok "mounts" mount /dev/mapper/data "$work/mnt"
is "and has its file" "$(digest cat "$work/mnt/data")" "$want"
ok "unmounted again" umount "$work/mnt"
ok "closed as ever" mhsm volume close data
ok "the backup is restored" cryptsetup luksHeaderRestore -q "$disk" --header-backup-file "$work/backup"
ok "the passphrase opens it again" cryptsetup open --key-file "$work/pass" "$disk" data
ok "and its file system is whole" fsck.ext4 -fn /dev/mapper/data
ok "closed the old way" cryptsetup close data

volume_end
