using System.Globalization;
using System.Text.Json;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Models;

/// <summary>Global weights and all that is needed to use them.</summary>
/// <param name="Plan">Shape of the model.</param>
/// <param name="Weights">Little-endian float32 in the order of <see cref="ModelPlan.Tensors"/>.</param>
/// <param name="Facts">Where they come from, and what they predict.</param>
internal sealed record TrainedModel(ModelPlan Plan, byte[] Weights, ModelFacts Facts)
{
    /// <summary>A model as its run's database has it.</summary>
    /// <param name="db">The database.</param>
    /// <param name="run">The run that trained it.</param>
    /// <param name="model">One of its rounds' weights.</param>
    /// <param name="error">Their errors over all participants' held-out windows; null when nobody has evaluated them.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<TrainedModel> Load(FedQueueDbContext db, RunRow run, ModelRow model, HeldOutError? error, CancellationToken cancellationToken)
    {
        var plan = run.Plan();
        var weights = await ModelRow.Read(db, model, cancellationToken)
            ?? throw new InvalidOperationException($"The global weights of round {model.Round} of run {run.Id} are not all there; check the database with run verify.");
        return new(plan.Model(), weights, new ModelFacts
        {
            Run = run.Id,
            Round = model.Round,
            Sha256 = model.WeightsSha256,
            Columns = plan.Columns,
            Scaling = plan.Scaling,
            Error = error,
        });
    }

    /// <summary>The same, with its errors as the end of the run would have them.</summary>
    public static async Task<TrainedModel> Load(FedQueueDbContext db, RunRow run, ModelRow model, CancellationToken cancellationToken)
    {
        var answers = await db.Submissions.AsNoTracking().Where(s => s.RunId == run.Id && s.Round == model.Round + 1).Select(SubmissionRow.Facts).ToListAsync(cancellationToken);
        return await Load(db, run, model, HeldOutError.Weighted([.. answers.OrderBy(s => s.Participant, StringComparer.Ordinal).Select(s => s.GlobalError())]), cancellationToken);
    }
}

/// <summary>What a model's file says beside its weights.</summary>
internal sealed record ModelFacts
{
    private const string Prefix = "fedqueue.";
    private const string NewestVersion = "1";

    /// <summary>Takes no null where none may be.</summary>
    internal static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true };

    public required string Run { get; init; }

    /// <summary>Round that produced the weights; 0: initial.</summary>
    public required int Round { get; init; }

    /// <summary>Of the weights, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Features, target, window and, with federated scaling, the spans of the columns.</summary>
    public required ColumnPlan Columns { get; init; }

    /// <summary>One of <see cref="Contracts.Scaling"/>.</summary>
    public string Scaling { get; init; } = Contracts.Scaling.Participant;

    /// <summary>Errors over all participants' held-out windows, in the target's unit.</summary>
    public HeldOutError? Error { get; init; }

    /// <summary>As pairs of texts, which all formats of models have room for; equal facts give equal pairs in the same order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToPairs()
    {
        List<KeyValuePair<string, string>> pairs =
        [
            new("format", "pt"),
            new($"{Prefix}version", NewestVersion),
            new($"{Prefix}run", Run),
            new($"{Prefix}round", Round.ToString(CultureInfo.InvariantCulture)),
            new($"{Prefix}sha256", Sha256),
            new($"{Prefix}features", string.Join(',', Columns.Features)),
            new($"{Prefix}target", Columns.Target),
            new($"{Prefix}window", Columns.Window.ToString(CultureInfo.InvariantCulture)),
            new($"{Prefix}horizon", Columns.Horizon.ToString(CultureInfo.InvariantCulture)),
            new($"{Prefix}scaling", Scaling),
            new($"{Prefix}columns", JsonSerializer.Serialize(Columns)),
        ];
        if (Error is not null)
            pairs.AddRange(
            [
                new($"{Prefix}mse", Error.MeanSquaredError.ToString("R", CultureInfo.InvariantCulture)),
                new($"{Prefix}mae", Error.MeanAbsoluteError.ToString("R", CultureInfo.InvariantCulture)),
                new($"{Prefix}rmse", Error.RootMeanSquaredError().ToString("R", CultureInfo.InvariantCulture)),
                new($"{Prefix}windows", Error.WindowCount.ToString(CultureInfo.InvariantCulture)),
            ]);
        return pairs;
    }

    /// <summary>Reads what <see cref="ToPairs"/> wrote.</summary>
    /// <exception cref="FormatException">Something is missing, or is not what it should be; the message says what.</exception>
    public static ModelFacts From(IReadOnlyDictionary<string, string> pairs)
    {
        if (pairs.TryGetValue($"{Prefix}version", out var version) && version != NewestVersion)
            throw new FormatException($"its metadata has version {version}, and this program knows version {NewestVersion}: update the program");

        try
        {
            var facts = new ModelFacts
            {
                Run = Text("run"),
                Round = int.Parse(Text("round"), CultureInfo.InvariantCulture),
                Sha256 = Text("sha256"),
                Columns = JsonSerializer.Deserialize<ColumnPlan>(Text("columns"), Strict) ?? throw new FormatException("its columns are missing"),
                Scaling = pairs.GetValueOrDefault($"{Prefix}scaling", Contracts.Scaling.Participant),
                Error = pairs.ContainsKey($"{Prefix}mse")
                    ? new HeldOutError
                    {
                        WindowCount = int.Parse(Text("windows"), CultureInfo.InvariantCulture),
                        MeanSquaredError = double.Parse(Text("mse"), CultureInfo.InvariantCulture),
                        MeanAbsoluteError = double.Parse(Text("mae"), CultureInfo.InvariantCulture),
                    }
                    : null,
            };
            if (!ParticipantName.IsValid(facts.Run))
                throw new FormatException("its metadata names no run");
            if ((facts.Columns.Spans ?? []).GroupBy(span => span.Column).Any(same => same.Count() > 1))
                throw new FormatException("its metadata has two ranges of one column");
            return facts.Columns.Problem() is { } problem ? throw new FormatException($"its columns cannot be used: {problem.TrimEnd('.')}") : facts;
        }
        catch (Exception exception) when (exception is JsonException or OverflowException)
        {
            throw new FormatException("its metadata is damaged");
        }

        string Text(string name) => pairs.GetValueOrDefault(Prefix + name) is { } value ? value : throw new FormatException($"its metadata lacks {Prefix}{name}, so it is no model of FedQueue");
    }
}
