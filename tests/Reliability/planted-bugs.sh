#!/usr/bin/env bash
# Plants one bug after the other in a copy of the sources and counts the seeds in which the simulation finds it.
#
#   tests/Reliability/planted-bugs.sh [SEEDS]     500 seeds unless told; ends with 1 when a bug is found in none
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
seeds=${1:-500}
copy=$(mktemp -d)
trap 'rm -rf --one-file-system "$copy"' EXIT
missed=0

# simulate NAME: builds the copy and runs it.
simulate() {
    local log=$copy/log
    if ! (cd "$copy/tree" && dotnet build tests/Reliability -c Release -nologo -v quiet -p:TreatWarningsAsErrors=false >"$log" 2>&1); then
        cat "$log" >&2
        exit 1
    fi
    (cd "$copy/tree" && dotnet tests/Reliability/bin/Release/net10.0/FedQueue.Reliability.dll simulate --cores 1 --seeds "$seeds" >"$log" 2>&1) || true
    printf '%-30s %s\n' "$1" "$(tail -n 1 "$log")"
    grep -m 1 '^seed ' "$log" | cut -c1-160 | sed 's/^/    /' || true
}

# plant NAME FILE PERL-SUBSTITUTION [FILE PERL-SUBSTITUTION]…: the bug, alone.
plant() {
    local name=$1 file
    shift
    rm -rf "$copy/tree"
    cp -r "$copy/sound" "$copy/tree"
    while (($#)); do
        file=$copy/tree/$1
        perl -0pi -e "$2" "$file"
        if cmp -s "$file" "$copy/sound/$1"; then
            echo "$name: the place in $1 is not there any more; mend this script" >&2
            exit 1
        fi
        shift 2
    done
    simulate "$name"
    grep -q '^seed ' "$copy/log" || missed=1
}

mkdir "$copy/sound"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar -cf - --null -T -) | tar -xf - -C "$copy/sound"
cp -r "$copy/sound" "$copy/tree"

simulate "no bug"
plant "no deduplication" src/Aggregator/Rounds/AcceptWeights.cs \
    's/round\.Submitted\.Contains\(message\.Participant\)/false/; s/db\.Submissions\.Add\(submission\)/if (await db.Submissions.FindAsync([message.RunId, message.Round, message.Participant], context.CancellationToken) is { } old) db.Submissions.Remove(old); await db.SaveChangesAsync(context.CancellationToken); db.Submissions.Add(submission)/'
plant "publish before the commit" src/Aggregator/Storage/FedQueueDbContext.cs \
    's/Outbox\.Add\(OutboxRow\.For\(message, queue\)\)/Early.Publish(this, message, queue)/' \
    src/Aggregator/Storage/GlobalWeights.cs 's/\z/
internal static class Early
{
    public static IOutgoing? Outgoing { get; set; }

    public static void Publish(FedQueueDbContext db, object message, string? queue)
    {
        if (message is RoundStarted round)
        {
            var models = db.ChangeTracker.Entries<ModelRow>().Select(entry => entry.Entity).Concat(db.Models.AsNoTracking());
            message = round with { Weights = models.First(model => model.WeightsSha256 == round.WeightsSha256).Weights };
        }

        Outgoing!.Publish(message, Guid.NewGuid(), queue, default).GetAwaiter().GetResult();
    }
}
/' \
    tests/Reliability/Simulation/SimulatedAggregator.cs 's/outgoing\.Take = publish;/outgoing.Take = publish; Early.Outgoing = outgoing;/'
plant "no sort" src/Aggregator/Rounds/CompleteRound.cs \
    's/submissions\.OrderBy\(s => s\.Participant, StringComparer\.Ordinal\)\.ToList/submissions.ToList/; s/submissions\.Sort\([^;]*\);//'
plant "leases not looked at" src/Aggregator/Participants/ClaimParticipantConsumer.cs \
    's/!known\.TryGetValue\(candidate, out var row\) \|\| !db\.Leases\.IsHeld\(row\)/true/'
plant "holder not looked at" src/Aggregator/Storage/ParticipantRow.cs \
    's/workerId == WorkerId \|\| workerId == GivenBackBy/true/'
plant "acknowledged before the commit" src/Aggregator/Storage/SharedTransaction.cs \
    's/await guest\.Run\(scope\);/{ await guest.Run(scope); guest.Ends(handled: true); }/; s/\.SetResult\(/.TrySetResult(/; s/\.SetException\(/.TrySetException(/'
plant "cancelling keeps the round" src/Aggregator/Runs/RunEnd.cs \
    's/Where\(r => r\.RunId == run\.Id && r\.ClosedAt == null\)/Where(r => false)/'

exit $missed
