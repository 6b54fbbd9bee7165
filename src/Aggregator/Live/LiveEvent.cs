using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Live;

/// <summary>Something that happened just now, for whoever watches.</summary>
/// <param name="RunId">The run that it concerns.</param>
internal abstract record LiveEvent(string RunId);

/// <summary>The history has a new line.</summary>
internal sealed record HistoryAppended(string RunId, HistoryEvent Event) : LiveEvent(RunId);

/// <summary>A participant has trained on.</summary>
internal sealed record EpochDone(TrainingProgressed Progress) : LiveEvent(Progress.RunId);

/// <summary>Where a run that has not ended stands; once a second.</summary>
internal sealed record StandingSeen(RunStanding Standing) : LiveEvent(Standing.Run);
