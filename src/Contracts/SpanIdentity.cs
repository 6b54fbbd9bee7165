using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FedQueue.Contracts;

/// <summary>Gives a span an id of our choice. .NET has a public way to choose the id of a trace but none for the id of a span.</summary>
internal static class SpanIdentity
{
    /// <summary>To be called before anybody has seen the id that it replaces.</summary>
    public static void Set(Activity span, ActivitySpanId id)
    {
        try
        {
            Field(span) = id.ToHexString();
        }
        catch (MissingFieldException)
        {
            // Another version of .NET names the field otherwise: the round's spans then have a parent that nobody shows.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? Field(Activity span);
}
