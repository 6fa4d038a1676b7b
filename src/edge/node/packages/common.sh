# Asks the host's package manager what it would install now, and changes nothing. Run by the host's own shell, with the
# host's root directory as its own. POSIX sh and awk.
#
# REFRESH   yes: fetch package data for this question, into a folder that is removed again; else: the data that is there
# PATIENCE  seconds until the package manager is given up; what else the probe found is still told then
#
# Prints the lines of the answer, and after a line `list` the packages:
# NAME ARCHITECTURE INSTALLED CANDIDATE SECURITY STANDING ORIGIN, percent-encoded, a dash for what is not known.
set -u
LC_ALL=C
export LC_ALL
umask 077
newline='
'
# The list goes by the pod's log, which is read up to 1 MiB.
MOST_BYTES=900000
list=
scratch=

tell() {
    printf '%s\n' "$*"
}

# Sets encoded, at most 150 bytes of it unencoded.
encode() {
    encoded=$(printf %s "$1" | head -c 150)
    case $encoded in
    '') encoded=%3F ;;
    -) encoded=%2D ;;
    *[!A-Za-z0-9._+:~/@-]*) encoded=$(printf %s "$encoded" | od -A n -v -t x1 | tr -d '\n' | sed 's/  */%/g') ;;
    esac
}

# PROGRAM MESSAGE
failed() {
    encode "$2"
    tell "updates failed $1 $encoded"
}

# Hundredths of a second since the boot, in clock.
look_at_clock() {
    read -r up rest </proc/uptime
    clock=${up%.*}${up#*.}
}

# Hundredths of a second that the programs called so far have worked, in worked.
look_at_work() {
    read -r stat </proc/self/stat
    # shellcheck disable=SC2086
    set -- $stat
    worked=$((${16} + ${17}))
}

# Runs a program within what is left of the patience; 124 when it is used up.
bounded() {
    look_at_clock
    left=$((PATIENCE - (clock - began) / 100))
    [ "$left" -gt 0 ] || return 124
    timeout -k 2 "$left" "$@"
}

# CODE: whether a program was given up, or could not be begun as it has to be. Whatever it printed is no answer then.
is_no_end() {
    case $1 in
    124 | 125 | 126 | 127 | 137) ;;
    *) return 1 ;;
    esac
}

# PROGRAM CODE OUTPUT: why it failed, in its own words where it has some.
failed_with() {
    if [ "$2" -eq 124 ] || [ "$2" -eq 137 ]; then
        failed "$1" "no end within $PATIENCE s"
        return
    fi
    why=$(printf '%s\n' "$3" | sed -n 's/^\([EW]: \|Error: *\|Error([0-9]*) *: *\)//p' | sed -n 1p)
    [ -n "$why" ] || why=$(printf '%s\n' "$3" | sed -n '$p')
    [ "$2" -eq 0 ] || why="exit code $2: $why"
    failed "$1" "$why"
}

# FILE FORMAT: its time in seconds, in seconds.
time_of() {
    seconds=$(stat -L -c "$2" "$1" 2>/dev/null)
    case $seconds in
    '' | *[!0-9]*) return 1 ;;
    esac
}

# FILE…: the oldest of their change times, in oldest. A modification time is often the server's.
oldest_of() {
    oldest=
    for path; do
        if time_of "$path" %Z && { [ -z "$oldest" ] || [ "$seconds" -lt "$oldest" ]; }; then
            oldest=$seconds
        fi
    done
}

# Takes the mark off $text with which an awk says that it came to its end, and tells where there is none: one that failed would
# pass for one that found nothing.
ended() {
    case $text in
    *=end)
        text=${text%=end}
        text=${text%"$newline"}
        ;;
    *)
        failed awk "it did not come to its end"
        return 1
        ;;
    esac
}

# Sets list from $text, in order.
sort_list() {
    ended || return
    text=$(printf '%s\n' "$text" | sort && printf =end)
    ended || return
    list=$text
}

# PROGRAM: a folder for what it must write somewhere. In our pod /tmp is the pod's own; in kubectl's debug pod, which alone is
# told for how long it is awaited, it is the host's, and the folder of a pod that is ended from outside would stay there.
make_scratch() {
    if [ -n "${AWAITED_SECONDS:-}" ]; then
        failed "$1" "in a debug pod it would write into the node's /tmp; --via pod or --via ssh can ask it"
        return 1
    fi
    if ! scratch=$(mktemp -d /tmp/aksreboot.XXXXXXXX); then
        scratch=
        failed mktemp "no folder in /tmp"
        return 1
    fi
    trap tidy EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    TMPDIR=$scratch
    export TMPDIR
}

tidy() {
    rm -rf "$scratch"
    forget_dnf
}

# Those of the files that somebody holds a lock on, by the kernel's list: whether they exist means nothing.
tell_locks() {
    held=
    for path; do
        [ -e "$path" ] || continue
        inode=$(stat -c %i "$path" 2>/dev/null) || continue
        if grep -q "POSIX .* WRITE .*:$inode [0-9]" /proc/locks 2>/dev/null; then
            held="$held $path"
        fi
    done
    [ -z "$held" ] || tell "updates-locks$held"
}

# Tells the numbers of the packages in $list, and how to know the list again. Cuts it where it is too long.
tell_list() {
    text=$(printf '%s\n' "$list" | awk -v most="$MOST_BYTES" '
        NF == 7 {
            if ($6 == "pending") { pending++; if ($5 == "yes") security++; if ($5 == "-") unknown = 1 }
            if ($6 == "phased") phased++
            if ($6 == "kept-back") kept++
            bytes += length($0) + 1
            if (bytes <= most) fit = NR; else omitted++
        }
        END {
            print pending + 0, (unknown ? "-" : security + 0), phased + 0, kept + 0
            print fit + 0, omitted + 0
            print "=end"
        }')
    if ! ended; then
        list=
        return
    fi
    numbers=$text
    tell "updates read"
    tell "updates-count ${numbers%%"$newline"*}"
    fit=${numbers#*"$newline"}
    omitted=${fit#* }
    fit=${fit% *}
    if [ "$omitted" -gt 0 ]; then
        list=$(printf '%s\n' "$list" | head -n "$fit")
        tell "updates-omitted $omitted"
    fi
    if [ "$fit" -gt 0 ]; then
        sum=$(printf '%s\n' "$list" | sha256sum)
        tell "updates-list $fit $((${#list} + 1)) ${sum%% *}"
    else
        list=
    fi
}

# A function of awk that encodes as the rest does.
ENCODE='
    function encode(text,    i, out, char) {
        if (text == "") return "-"
        if (text == "-") return "%2D"
        if (text !~ /[^A-Za-z0-9._+:~\/@-]/) return text
        for (i = 1; i <= length(text) && i <= 200; i++) {
            char = substr(text, i, 1)
            out = out (char ~ /[A-Za-z0-9._+:~\/@-]/ ? char : sprintf("%%%02X", code[char]))
        }
        return out
    }
    BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }'
