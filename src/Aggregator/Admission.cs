using FedQueue.Aggregator.Participants;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator;

/// <summary>Keeps out what no program of ours sends, before it is looked up or stored: a message beyond the limits, and a request whose answer can go nowhere.</summary>
internal sealed class Admission<T>(Refusals refusals) : IFilter<ConsumeContext<T>> where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        if (ReplyAddress.ProblemOf(context) is { } nowhere)
        {
            refusals.Say(typeof(T).Name, nowhere);
            return;
        }

        if (MessageCheck.ProblemOf(context.Message) is not { } problem)
        {
            await next.Send(context);
            return;
        }

        refusals.Say(typeof(T).Name, problem);
        object? answer = context.Message switch
        {
            ClaimParticipant or RenewClaim => new ParticipantUnavailable { Reason = problem },
            FetchWeights => new WeightsUnavailable { Reason = problem },
            _ => null,
        };
        if (answer is ParticipantUnavailable unavailable)
            await context.Reply(unavailable, refusals);
        else if (answer is WeightsUnavailable noWeights)
            await context.Reply(noWeights, refusals);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("admission");
}

/// <summary>Says what was refused, seldom: one sick program can send a thousand such messages a second.</summary>
internal sealed class Refusals(TimeProvider clock, ILogger<Refusals> log)
{
    private readonly RareLines lines = new(clock);

    public void Say(string message, string problem)
    {
        if (lines.MaySay(message, out var since))
            log.MessageRefused(message, problem, RareLines.Meanwhile(since));
    }

    public void Unanswered(string message, Exception exception)
    {
        if (lines.MaySay($"unanswered {message}", out var since))
            log.Unanswered(exception, message, RareLines.Meanwhile(since));
    }

    public void UnknownRound(string runId, int round, string participant)
    {
        if (lines.MaySay("unknown round", out var since))
            log.RoundUnknown(runId, round, participant, RareLines.Meanwhile(since));
    }
}
