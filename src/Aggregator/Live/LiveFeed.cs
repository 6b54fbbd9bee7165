using System.Collections.Concurrent;
using System.Threading.Channels;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Live;

/// <summary>What happens, handed to everybody who watches; and what each participant has trained last, for those who come later.</summary>
internal sealed class LiveFeed
{
    private readonly ConcurrentDictionary<LiveListener, bool> listeners = [];
    private readonly ConcurrentDictionary<string, TrainingProgressed> newest = [];

    public bool HasListeners => !listeners.IsEmpty;

    /// <summary>Hears everything from now on, until it is disposed.</summary>
    public LiveListener Listen()
    {
        var listener = new LiveListener(gone => listeners.TryRemove(gone, out _));
        listeners[listener] = true;
        return listener;
    }

    public void Add(LiveEvent happened)
    {
        if (happened is EpochDone { Progress: var progress } && (newest.Count < MessageCheck.MostParticipants || newest.ContainsKey(progress.Participant)))
            newest[progress.Participant] = progress;
        foreach (var listener in listeners.Keys)
            listener.Put(happened);
    }

    /// <returns>The newest epoch that the participant has told of in a round; null when none was heard.</returns>
    public TrainingProgressed? ProgressOf(string participant, string runId, int round) =>
        newest.TryGetValue(participant, out var progress) && progress.RunId == runId && progress.Round == round ? progress : null;
}

/// <summary>One who watches. Who is too slow for what happens is cut off, and asks again for what it missed.</summary>
internal sealed class LiveListener(Action<LiveListener> leave) : IDisposable
{
    private const int Backlog = 5_000;

    private readonly Channel<LiveEvent> events = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(Backlog) { SingleReader = true });

    /// <summary>Ends when this listener is disposed or cut off.</summary>
    public IAsyncEnumerable<LiveEvent> ReadAll(CancellationToken cancellationToken) => events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Passes over what has happened so far, for who reads the state instead of the events.</summary>
    public void Skip()
    {
        while (events.Reader.TryRead(out _))
        {
        }
    }

    public void Put(LiveEvent happened)
    {
        if (!events.Writer.TryWrite(happened))
            Dispose();
    }

    public void Dispose()
    {
        leave(this);
        events.Writer.TryComplete();
    }
}
