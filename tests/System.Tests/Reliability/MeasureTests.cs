using FedQueue.Reliability.Kills;

namespace FedQueue.System.Tests.Reliability;

/// <summary>What the kill program makes of what it sees; a measure that cannot fail would prove nothing.</summary>
public sealed class MeasureTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Trainings_of_other_rounds_and_participants_are_not_repeated()
    {
        var life = new Life("worker-1", 1);

        Assert.Empty(Repeats.Among([Begins(life, 0), Begins(life, 1, round: 2), Begins(life, 2, participant: "task_005")], []));
    }

    [Fact]
    public void A_training_is_excused_when_its_worker_was_killed_before_it_could_submit()
    {
        var repeat = Assert.Single(Repeats.Among([Begins(Killed(at: 1), 0), Begins(new Life("worker-2", 1), 2)], [Submitted(at: 3)]));

        Assert.Null(repeat.Fault);
    }

    [Fact]
    public void A_training_is_not_excused_when_the_first_worker_still_lived()
    {
        var repeat = Assert.Single(Repeats.Among([Begins(Killed(at: 3), 0), Begins(new Life("worker-2", 1), 2)], []));

        Assert.Equal("worker-1#1, which had begun it 2.0 s before, was alive", repeat.Fault);
    }

    [Fact]
    public void A_training_is_never_excused_once_its_submission_was_stored()
    {
        var repeat = Assert.Single(Repeats.Among([Begins(Killed(at: 1), 0), Begins(new Life("worker-2", 1), 4)], [Submitted(at: 3)]));

        Assert.Equal("its submission had been stored 1.0 s before, trained by worker-1#1", repeat.Fault);
    }

    [Fact]
    public void A_third_beginning_needs_both_earlier_workers_dead()
    {
        var repeats = Repeats.Among([Begins(new Life("worker-3", 1), 4), Begins(Killed(at: 1), 0), Begins(new Life("worker-2", 1), 2)], []);

        Assert.Equal([null, "worker-2#1, which had begun it 2.0 s before, was alive"], repeats.Select(repeat => repeat.Fault));
    }

    [Fact]
    public void A_stall_lasts_from_the_latest_kill_to_the_next_progress()
    {
        var stall = Stall.Longest([Kill(1, 0), Kill(2, 5), Kill(2, 5), Kill(3, 20)], [At(0), At(7), At(8), At(21)]);

        Assert.Equal((TimeSpan.FromSeconds(2), 2), (stall!.Length, stall.After.Count));
    }

    [Fact]
    public void A_kill_after_which_nothing_came_is_no_stall_because_the_run_is_not_completed_either()
    {
        Assert.Null(Stall.Longest([Kill(1, 5)], [At(0)]));
    }

    private static Beginning Begins(Life life, double at, int round = 1, string participant = "task_001") =>
        new("run", round, participant, life, At(at));

    private static Life Killed(double at) => new("worker-1", 1) { KilledAt = At(at) };

    private static Stored Submitted(double at) => new("run", 1, "task_001", At(at));

    private static Kill Kill(int number, double at) => new(number, At(at), "worker", "worker-1");

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);
}
