using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>The life of a round: wiring only. Every state answers every message, because a queue repeats and reorders them.</summary>
internal sealed class RoundStateMachine : MassTransitStateMachine<RoundState>
{
    public RoundStateMachine()
    {
        InstanceState(round => round.CurrentState);

        Event(() => StartRound, e => e.CorrelateById(m => m.Message.RoundId));
        Event(() => WeightsSubmitted, e =>
        {
            e.CorrelateById(m => m.Message.RoundId);
            e.OnMissingInstance(m => m.ExecuteAsync(UnusedAnswers.RefuseUnknown));
        });
        Event(() => ModelEvaluated, e =>
        {
            e.CorrelateById(m => m.Message.RoundId);
            e.OnMissingInstance(m => m.ExecuteAsync(UnusedAnswers.RefuseUnknown));
        });
        Event(() => TrainingFailed, e =>
        {
            e.CorrelateById(m => m.Message.RoundId);
            e.OnMissingInstance(m => m.ExecuteAsync(UnusedAnswers.RefuseUnknown));
        });
        Event(() => CloseRound, e =>
        {
            e.CorrelateById(m => m.Message.RoundId);
            e.OnMissingInstance(m => m.Discard());
        });

        Initially(
            When(StartRound)
                .TransitionTo(Collecting)
                .Activity(x => x.OfType<OpenRound>()));

        During(Collecting,
            When(StartRound).NoteCopy(),
            When(WeightsSubmitted)
                .Activity(x => x.OfType<AcceptWeights>())
                .CloseWhenDecided(this, deadlinePassed: false),
            When(ModelEvaluated)
                .Activity(x => x.OfType<AcceptEvaluation>())
                .CloseWhenDecided(this, deadlinePassed: false),
            When(TrainingFailed)
                .Activity(x => x.OfType<AcceptFailure>())
                .CloseWhenDecided(this, deadlinePassed: false),
            // Before its time it is somebody else's.
            When(CloseRound)
                .If(x => x.Saga.ClosesAt <= x.GetPayload<IServiceProvider>().GetRequiredService<FedQueueDbContext>().Now, due => due
                    .CloseWhenDecided(this, deadlinePassed: true)));

        // Late and repeated deliveries are normal on a queue; a closed round refuses and shows them.
        During([Completed, Failed],
            When(StartRound).NoteCopy(),
            Ignore(CloseRound),
            When(WeightsSubmitted, x => x.Message.Part == x.Message.Parts).RefuseLate(answer => answer.Participant),
            When(ModelEvaluated).RefuseLate(answer => answer.Participant),
            When(TrainingFailed).RefuseLate(answer => answer.Participant));
    }

    public State Collecting { get; } = null!;
    public State Completed { get; } = null!;
    public State Failed { get; } = null!;

    public Event<StartRound> StartRound { get; } = null!;
    public Event<WeightsSubmitted> WeightsSubmitted { get; } = null!;
    public Event<ModelEvaluated> ModelEvaluated { get; } = null!;
    public Event<TrainingFailed> TrainingFailed { get; } = null!;
    public Event<CloseRound> CloseRound { get; } = null!;
}

internal static class RoundTransitions
{
    /// <summary>Closes or fails the round when goal, minimum and deadline say so.</summary>
    public static EventActivityBinder<RoundState, T> CloseWhenDecided<T>(
        this EventActivityBinder<RoundState, T> binder, RoundStateMachine machine, bool deadlinePassed) where T : class => binder
        .If(x => x.Saga.Decide(deadlinePassed) is RoundDecision.Close, close => close
            .TransitionTo(machine.Completed)
            .Activity(x => x.OfInstanceType<CompleteRound>()))
        .If(x => x.Saga.CurrentState == nameof(machine.Collecting) && x.Saga.Decide(deadlinePassed) is RoundDecision.Fail, fail => fail
            .TransitionTo(machine.Failed)
            .Then(x => x.GetOrAddPayload(() => new RoundFailure(x.Saga.WhyFailed(deadlinePassed))))
            .Activity(x => x.OfInstanceType<FailRound>()));
}

/// <summary>Carries the reason from the decision to <see cref="FailRound"/>.</summary>
internal sealed record RoundFailure(string Reason);
