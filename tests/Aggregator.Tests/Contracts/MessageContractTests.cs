using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedQueue.Contracts;
using MassTransit;
using MassTransit.Serialization;

namespace FedQueue.Aggregator.Tests.Contracts;

/// <summary>
/// The protocol changes only on purpose: the approved list names every message and field, and a sample of each message of each
/// released version stays readable.
/// </summary>
public sealed class MessageContractTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Contracts");

    private static readonly Type[] Messages =
    [
        .. typeof(RoundStarted).Assembly.GetTypes()
            .Where(type => type is { IsPublic: true, IsAbstract: false, IsValueType: false })
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    [Fact]
    public void Messages_and_fields_are_those_of_the_approved_list()
    {
        var text = new StringBuilder();
        foreach (var type in Messages.Where(type => type.GetMethod("<Clone>$") is not null))
        {
            text.Append(type.Name).Append('\n');
            foreach (var field in type.GetProperties().Where(p => p.CanWrite))
                text.Append("  ").Append(field.Name).Append(": ").Append(NameOf(field.PropertyType)).Append('\n');
        }

        var approved = File.ReadAllText(Path.Combine(Folder, "Messages.approved.txt"));
        Assert.Equal(approved, text.ToString());
    }

    private static readonly string[] SampleNames =
        [.. Directory.GetFiles(Path.Combine(Folder, "Samples"), "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(Folder, "Samples"), file))];

    public static TheoryData<string> Samples() => [.. SampleNames];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_message_of_every_version_is_still_readable(string name)
    {
        var type = Messages.Single(message => message.Name == Path.GetFileNameWithoutExtension(name));
        var json = File.ReadAllText(Path.Combine(Folder, "Samples", name));

        var message = JsonSerializer.Deserialize(json, type, SystemTextJsonMessageSerializer.Options);

        // What is read and written again has lost nothing; fields that came later may stand beside it.
        AssertHolds(JsonNode.Parse(json)!, JsonNode.Parse(JsonSerializer.Serialize(message, type, SystemTextJsonMessageSerializer.Options)), name);
    }

    [Fact]
    public void Every_message_has_a_sample()
    {
        var sent = Messages.Where(type => type.GetMethod("<Clone>$") is not null)
            .Select(type => type.Name)
            .Except([nameof(ColumnPlan), nameof(ModelPlan), nameof(TrainingPlan), nameof(RunPlan), nameof(HeldOutError), nameof(Forecast), nameof(ColumnSpan), nameof(TensorShape), nameof(PlanOffered), nameof(PlanChecked)]);
        Assert.Equal(sent, SampleNames.Select(name => Path.GetFileNameWithoutExtension(name)).Distinct().Order(StringComparer.Ordinal));
    }

    private static void AssertHolds(JsonNode sample, JsonNode? written, string path)
    {
        if (sample is not JsonObject fields)
        {
            Assert.True(JsonNode.DeepEquals(sample, written), $"{path} was {sample} and is {written}");
            return;
        }

        foreach (var (name, value) in fields)
            if (value is not null)
                AssertHolds(value, written?[name], $"{path}.{name}");
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
